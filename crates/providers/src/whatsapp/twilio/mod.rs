//! WhatsApp by Twilio's REST API. Its webhooks are read in [`reader`]; that they are Twilio's was checked before.

mod faults;
mod find;
mod reader;
mod wire;

use async_trait::async_trait;
use contracts::{
    Fault,
    whatsapp::{
        Accepted, Carrier, Connection, Found, Media, MediaSource, Outgoing, SendFault, Sought, Status, WhatsApp,
    },
};
use kernel::{Clock, ExposeSecret, Phone, SecretString};
use reqwest::{Method, RequestBuilder};
use url::Url;

pub use reader::TwilioReader;

use super::{
    files,
    once::{self, Answer},
};
use crate::{Http, client, limits};

const PROVIDER: &str = "twilio_whatsapp";

pub use crate::telephony::twilio::DEFAULT_BASE;

/// One account of Twilio and its number on WhatsApp.
pub struct Settings {
    /// Scheme, host and port of the API; files are taken from nowhere else.
    pub base: Url,
    pub account_sid: String,
    pub auth_token: SecretString,
    /// Sends when a message names no number of its own.
    pub from: Option<Phone>,
}

pub struct TwilioWhatsApp {
    http: Http,
    settings: Settings,
    clock: Clock,
}

impl TwilioWhatsApp {
    pub const fn new(http: Http, settings: Settings, clock: Clock) -> Self {
        Self { http, settings, clock }
    }

    fn resource(&self) -> Result<Url, Fault> {
        let path = format!("2010-04-01/Accounts/{}/Messages.json", self.settings.account_sid);
        client::join(&self.settings.base, &path)
    }

    fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(
            &self.settings.account_sid,
            Some(self.settings.auth_token.expose_secret()),
        )
    }

    async fn post(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        let from = message.from.as_ref().or(self.settings.from.as_ref());
        let from = from.ok_or_else(|| once::unusable("no number to send from"))?;
        let form = wire::form(message, from)?;
        let url = self
            .resource()
            .map_err(|_| once::unusable("a base URL that cannot be used"))?;
        let request = self.signed_in(self.http.never_twice(Method::POST, url)).form(&form);
        taken(&once::answer(request).await?)
    }
}

/// What an answer says of the message.
fn taken(answer: &Answer) -> Result<Accepted, SendFault> {
    if !answer.is_success() {
        return Err(faults::fault(answer));
    }
    let message: wire::Message = answer
        .json()
        .ok_or_else(|| once::unknown("an answer that cannot be read"))?;
    let status = message
        .status
        .as_deref()
        .and_then(wire::status)
        .unwrap_or(Status::Sending);
    let code = message.error_code.as_ref().and_then(faults::code);
    let verdict = code.as_deref().and_then(faults::verdict);
    match (status, verdict) {
        // It failed at once, for a reason that says who may try what.
        (Status::Failed, Some(verdict)) => {
            let message = format!("failed ({})", code.as_deref().unwrap_or_default());
            Err(verdict.fault(code, message, None))
        }
        _ => Ok(Accepted {
            carrier_id: Some(message.sid),
            status,
        }),
    }
}

#[async_trait]
impl WhatsApp for TwilioWhatsApp {
    fn carrier(&self) -> Carrier {
        Carrier::Twilio
    }

    async fn send(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        once::timed(PROVIDER, self.post(message)).await
    }

    async fn find(&self, message: &Sought) -> Result<Found, Fault> {
        client::timed(PROVIDER, limits::READ, self.look_for(message)).await
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        let number = self.settings.from.as_ref().map(|phone| phone.as_str().to_owned());
        Ok(Connection {
            connected: true,
            qr_available: false,
            detail: match &number {
                Some(_) => "Twilio is set up.",
                None => "Twilio is set up, without a number of its own.",
            }
            .to_owned(),
            number,
            last_seen: None,
        })
    }

    async fn media(&self, source: &MediaSource, most: u64) -> Result<Media, Fault> {
        let url = files::own(&self.settings.base, &source.reference)?;
        let fetching = client::with_retries(limits::RETRIES, || {
            files::fetch(&self.http, &self.settings.base, url.clone(), most, |request| {
                self.signed_in(request)
            })
        });
        client::timed(PROVIDER, limits::WHATSAPP_MEDIA, fetching).await
    }
}
