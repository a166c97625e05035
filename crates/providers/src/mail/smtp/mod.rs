//! Any mail server, by SMTP (RFC 5321) with TLS.
//!
//! The conversation is held step by step, because what a failure means hangs on the step: until the letter's end has
//! been sent nothing was taken; after that only the server's own words tell.

mod address;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use contracts::{
    Fault,
    mail::{Letter, Mailer},
};
use kernel::ExposeSecret;
use lettre::{
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use tokio::time::timeout;

pub use address::{Server, Tls, sender};

use crate::limits;

/// One mail server and the address that letters come from.
pub struct Settings {
    pub server: Server,
    pub from: Mailbox,
}

pub struct Smtp(Settings);

impl Smtp {
    pub const fn new(settings: Settings) -> Self {
        Self(settings)
    }

    /// Connects, encrypts and signs in.
    async fn open(&self) -> Result<AsyncSmtpConnection, Fault> {
        let Server { host, port, tls, .. } = &self.0.server;
        let own_name = ClientId::Domain(self.0.from.email.domain().to_owned());
        let secured = |host: &String| TlsParameters::new(host.clone()).map_err(|err| before(&err));
        let wrapped = match tls {
            Tls::FromTheStart => Some(secured(host)?),
            Tls::Required | Tls::None => None,
        };
        let at = (host.as_str(), *port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(at, Some(limits::CONNECT), &own_name, wrapped, None)
            .await
            .map_err(|err| before(&err))?;
        if *tls == Tls::Required {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(Fault::Misconfigured(
                    "the mail server does not encrypt (STARTTLS)".to_owned(),
                ));
            }
            connection
                .starttls(secured(host)?, &own_name)
                .await
                .map_err(|err| before(&err))?;
        }
        self.sign_in(&mut connection).await?;
        Ok(connection)
    }

    async fn sign_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Fault> {
        let Some((user, password)) = &self.0.server.credentials else {
            return Ok(());
        };
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let signed_in = connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await;
        match signed_in {
            Ok(_) => Ok(()),
            Err(err) if err.is_permanent() => {
                connection.abort().await;
                Err(Fault::Misconfigured(
                    "the mail server refuses the name or password".to_owned(),
                ))
            }
            Err(err) => Err(before(&err)),
        }
    }

    /// Everything up to the letter itself.
    async fn begin(&self, to: &lettre::Address) -> Result<AsyncSmtpConnection, Fault> {
        let mut connection = self.open().await?;
        let from = self.0.from.email.clone();
        let begun = async {
            connection
                .command(Mail::new(Some(from), vec![]))
                .await
                .map_err(|err| before(&err))?;
            match connection.command(Rcpt::new(to.clone(), vec![])).await {
                Err(err) if err.is_permanent() => return Err(Fault::Declined(said(&err))),
                Err(err) => return Err(before(&err)),
                Ok(_) => {}
            }
            connection.command(Data).await.map_err(|err| before(&err))?;
            Ok(())
        };
        let begun: Result<(), Fault> = begun.await;
        if let Err(fault) = begun {
            leave(connection).await;
            return Err(fault);
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, letter: &Letter) -> Result<(), Fault> {
        let sent = self.hand_over(letter).await;
        let outcome = sent.as_ref().map_or_else(Fault::word, |()| "ok");
        metrics::counter!("provider_requests_total", "provider" => "smtp", "outcome" => outcome).increment(1);
        sent
    }

    async fn check(&self) -> Result<(), Fault> {
        let connection = in_time(limits::MAIL_BEGIN, self.open()).await?;
        leave(connection).await;
        Ok(())
    }
}

impl Smtp {
    async fn hand_over(&self, letter: &Letter) -> Result<(), Fault> {
        let to = address::recipient(letter.to.expose())?;
        let message = wire::message(&self.0.from, &to, letter)?;
        let mut connection = in_time(limits::MAIL_BEGIN, self.begin(&to)).await?;
        // From here on it may have been taken.
        match timeout(limits::MAIL_TAKE, connection.message(&message)).await {
            Ok(Ok(_)) => {
                leave(connection).await;
                Ok(())
            }
            Ok(Err(err)) if err.is_transient() => Err(Fault::unavailable(said(&err))),
            Ok(Err(err)) if err.is_permanent() => Err(Fault::Rejected(said(&err))),
            Ok(Err(_)) => Err(Fault::Unknown(
                "the connection broke before the mail server answered".to_owned(),
            )),
            Err(_) => Err(Fault::Unknown("the mail server did not answer in time".to_owned())),
        }
    }
}

/// A letter that has not begun to be sent was not taken.
async fn in_time<T>(limit: Duration, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(Fault::unavailable("the mail server did not answer in time")))
}

/// Says good-bye; whether it is heard does not matter.
async fn leave(mut connection: AsyncSmtpConnection) {
    drop(timeout(limits::MAIL_LEAVE, connection.quit()).await);
}

/// What a failure means before the letter's end was sent.
fn before(err: &Error) -> Fault {
    if err.is_permanent() {
        Fault::Rejected(said(err))
    } else if err.is_tls() {
        Fault::Misconfigured("the mail server's encryption is not sound".to_owned())
    } else if err.is_client() {
        Fault::Misconfigured("the mail server does not know a way to sign in that we know".to_owned())
    } else {
        Fault::unavailable(said(err))
    }
}

/// The server's code only: its words may quote an address.
fn said(err: &Error) -> String {
    err.status().map_or_else(
        || "the mail server can not be reached, or makes no sense".to_owned(),
        |code| format!("the mail server said {code}"),
    )
}
