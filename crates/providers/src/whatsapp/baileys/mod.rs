//! WhatsApp Web by our own bridge, which holds the sessions. Each request is signed; so are its webhooks, which are read
//! in [`reader`] after that was checked.

mod faults;
mod link;
mod reader;
mod signed;
mod wire;

use async_trait::async_trait;
use chrono::TimeDelta;
use contracts::{
    Fault,
    whatsapp::{
        Accepted, Carrier, Connection, Found, Media, MediaSource, Outgoing, SendFault, Sought, Status, WhatsApp,
    },
};
use kernel::{Clock, SecretString};
use reqwest::{Method, RequestBuilder, Response, header::CONTENT_TYPE};
use serde_json::Value;
use url::Url;

pub use reader::BaileysReader;

use self::signed::{Signer, unique};
use super::{
    files,
    once::{self, Answer},
};
use crate::{
    Http,
    client::{self, Effect},
    limits,
};

const PROVIDER: &str = "baileys";

/// One business's session.
pub struct Settings {
    /// The bridge, for example `http://127.0.0.1:8000`.
    pub base: Url,
    pub secret: SecretString,
    /// Our own id of the business, by which the bridge names the session.
    pub business_id: i64,
}

pub struct Baileys {
    http: Http,
    base: Url,
    business_id: i64,
    signer: Signer,
    clock: Clock,
}

impl Baileys {
    pub fn new(http: Http, settings: Settings, clock: Clock) -> Self {
        Self {
            http,
            signer: Signer::new(&settings.secret, clock.clone()),
            base: settings.base,
            business_id: settings.business_id,
            clock,
        }
    }

    fn resource(&self, path: &str) -> Result<Url, Fault> {
        client::join(&self.base, &format!("sessions/{}/{path}", self.business_id))
    }

    /// A signed read; it is signed anew each time that it is made.
    fn get(&self, url: &Url) -> Result<RequestBuilder, Fault> {
        let url = unique(url.clone())?;
        let request = self.http.configured(Method::GET, url.clone());
        Ok(self.signer.signed(request, &Method::GET, &url, b""))
    }

    /// A signed write that is made once.
    fn post(&self, url: &Url, body: Option<&Value>) -> Result<RequestBuilder, Fault> {
        let url = unique(url.clone())?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = self.http.never_twice(Method::POST, url.clone());
        let request = self.signer.signed(request, &Method::POST, &url, body.as_bytes());
        Ok(request.header(CONTENT_TYPE, "application/json").body(body))
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, url: &Url) -> Result<T, Fault> {
        let reading = client::with_retries(limits::RETRIES, || async {
            client::json(client::send(self.get(url)?, Effect::Read).await?).await
        });
        client::timed(PROVIDER, limits::READ, reading).await
    }

    async fn write(&self, url: &Url, body: Option<&Value>) -> Result<Response, Fault> {
        let request = self.post(url, body)?;
        client::timed(PROVIDER, limits::WRITE, client::send(request, Effect::Write)).await
    }

    async fn hand_over(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        let body = wire::message(message)?;
        let request = self.resource("send").and_then(|url| self.post(&url, Some(&body)));
        let request = request.map_err(|_| once::unusable("a request that cannot be built"))?;
        taken(&once::answer(request).await?)
    }

    /// What the bridge says of a message that it never saw holds only once it cannot be on its way to it any more.
    fn nowhere(&self, message: &Sought) -> Found {
        let settled = TimeDelta::from_std(limits::BRIDGE_SETTLED).unwrap_or(TimeDelta::MAX);
        if self.clock.now() - message.sent_at < settled {
            Found::Unclear
        } else {
            Found::Nowhere
        }
    }
}

/// What an answer says of the message. A repeat is answered with what became of the first.
fn taken(answer: &Answer) -> Result<Accepted, SendFault> {
    if !answer.is_success() {
        return Err(faults::fault(answer));
    }
    let sent: wire::Sent = answer
        .json()
        .ok_or_else(|| once::unknown("an answer that cannot be read"))?;
    match wire::status(&sent.status) {
        Some(status) if !matches!(status, Status::Failed | Status::Unknown) => Ok(Accepted {
            carrier_id: Some(sent.id),
            status,
        }),
        _ => Err(faults::not_sent(&sent)),
    }
}

/// Our ids are of letters and digits; anything else would change the path.
fn sound_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[async_trait]
impl WhatsApp for Baileys {
    fn carrier(&self) -> Carrier {
        Carrier::Baileys
    }

    async fn send(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        once::timed(PROVIDER, self.hand_over(message)).await
    }

    async fn find(&self, message: &Sought) -> Result<Found, Fault> {
        if !sound_id(&message.id) {
            return Err(Fault::Rejected("a message id that is none".to_owned()));
        }
        let sent: wire::Sent = self.read(&self.resource(&format!("messages/{}", message.id))?).await?;
        Ok(match (sent.status.as_str(), wire::status(&sent.status)) {
            ("none", _) => self.nowhere(message),
            (_, Some(Status::Unknown) | None) => Found::Unclear,
            (_, Some(status)) => Found::There {
                carrier_id: sent.id,
                status,
            },
        })
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        let status: wire::SessionStatus = self.read(&self.resource("status")?).await?;
        Ok(status.into())
    }

    /// The address is signed by the bridge itself.
    async fn media(&self, source: &MediaSource, most: u64) -> Result<Media, Fault> {
        let url = files::own(&self.base, &source.reference)?;
        let fetching = client::with_retries(limits::RETRIES, || {
            files::fetch_here(self.http.configured(Method::GET, url.clone()), most)
        });
        let file = client::timed(PROVIDER, limits::WHATSAPP_MEDIA, fetching).await?;
        if let Some(expected) = &source.sha256 {
            files::same(&file, expected)?;
        }
        Ok(file)
    }
}
