//! WhatsApp by Meta's Cloud API. Its webhooks are read in [`reader`]; that they are Meta's was checked before.

mod faults;
mod media;
mod reader;
mod wire;

use async_trait::async_trait;
use contracts::{
    Fault,
    whatsapp::{
        Accepted, Carrier, Connection, Found, Media, MediaSource, Outgoing, SendFault, Sought, Status, WhatsApp,
    },
};
use kernel::{ExposeSecret, Phone, SecretString};
use reqwest::{Method, RequestBuilder};
use url::Url;

pub use reader::MetaReader;

use super::once::{self, Answer};
use crate::{Http, client, limits};

const PROVIDER: &str = "meta_whatsapp";

pub const DEFAULT_BASE: &str = "https://graph.facebook.com";
pub const DEFAULT_VERSION: &str = "v26.0";

/// One number of a WhatsApp Business account.
pub struct Settings {
    /// Scheme and host, without a version.
    pub base: Url,
    /// For example `v26.0`.
    pub version: String,
    pub phone_number_id: String,
    pub token: SecretString,
    /// The number itself, where it is known; for people to see.
    pub number: Option<Phone>,
}

pub struct Meta {
    http: Http,
    settings: Settings,
}

impl Meta {
    pub const fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings }
    }

    fn resource(&self, path: &str) -> Result<Url, Fault> {
        client::join(&self.settings.base, &format!("{}/{path}", self.settings.version))
    }

    fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.settings.token.expose_secret())
    }

    async fn post(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        let body = wire::message(message)?;
        let url = self
            .resource(&format!("{}/messages", self.settings.phone_number_id))
            .map_err(|_| once::unusable("a base URL that cannot be used"))?;
        let request = self.signed_in(self.http.never_twice(Method::POST, url)).json(&body);
        taken(&once::answer(request).await?)
    }
}

/// What an answer says of the message. One without an id is known again by ours, which every status brings.
fn taken(answer: &Answer) -> Result<Accepted, SendFault> {
    if !answer.is_success() {
        return Err(faults::fault(answer));
    }
    let taken: wire::Taken = answer
        .json()
        .ok_or_else(|| once::unknown("an answer that cannot be read"))?;
    Ok(Accepted {
        carrier_id: taken.messages.into_iter().next().and_then(|message| message.id),
        status: Status::Sending,
    })
}

#[async_trait]
impl WhatsApp for Meta {
    fn carrier(&self) -> Carrier {
        Carrier::Meta
    }

    async fn send(&self, message: &Outgoing) -> Result<Accepted, SendFault> {
        once::timed(PROVIDER, self.post(message)).await
    }

    /// Meta lists no messages; a status brings our id.
    async fn find(&self, _: &Sought) -> Result<Found, Fault> {
        Ok(Found::Unclear)
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        Ok(Connection {
            connected: true,
            qr_available: false,
            number: self.settings.number.as_ref().map(|phone| phone.as_str().to_owned()),
            last_seen: None,
            detail: "Meta's Cloud API is set up.".to_owned(),
        })
    }

    async fn media(&self, source: &MediaSource, most: u64) -> Result<Media, Fault> {
        let fetching = client::with_retries(limits::RETRIES, || self.fetch(source, most));
        client::timed(PROVIDER, limits::WHATSAPP_MEDIA, fetching).await
    }
}
