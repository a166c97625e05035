//! Twilio's REST API: calls and recordings. Webhooks, TwiML and the media socket are not here.

mod media;
mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use contracts::{
    Fault,
    telephony::{CallState, NewCall, Telephony},
};
use kernel::{ExposeSecret, SecretString};
use reqwest::{Method, RequestBuilder};
use url::Url;

use crate::{
    Http,
    client::{self, Effect, Sent},
    limits,
};

const PROVIDER: &str = "twilio";

pub const DEFAULT_BASE: &str = "https://api.twilio.com";

/// One account of Twilio.
pub struct Settings {
    /// Scheme, host and port of the API; recordings are taken from nowhere else.
    pub base: Url,
    pub account_sid: String,
    pub auth_token: SecretString,
}

pub struct Twilio {
    http: Http,
    settings: Settings,
}

impl Twilio {
    pub const fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings }
    }

    fn request(&self, method: Method, resource: &str) -> Result<RequestBuilder, Fault> {
        let path = format!("2010-04-01/Accounts/{}/{resource}", self.settings.account_sid);
        let url = client::join(&self.settings.base, &path)?;
        Ok(self.signed_in(self.http.configured(method, url)))
    }

    fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(
            &self.settings.account_sid,
            Some(self.settings.auth_token.expose_secret()),
        )
    }

    /// Changes a running call.
    async fn update(&self, call_sid: &str, form: &[(&str, &str)]) -> Result<(), Fault> {
        let resource = format!("Calls/{}.json", sid(call_sid)?);
        let request = self.request(Method::POST, &resource)?.form(form);
        client::timed(PROVIDER, limits::WRITE, client::send(request, Effect::Write)).await?;
        Ok(())
    }

    async fn fetch_state(&self, resource: &str) -> Result<Option<CallState>, Fault> {
        let response = match client::send_following(self.request(Method::GET, resource)?, Effect::Read).await? {
            Sent::Here(response) => response,
            Sent::Missing(_) => return Ok(None),
            Sent::Elsewhere(_) => return Err(Fault::Rejected("a redirect".to_owned())),
        };
        let call: wire::Call = client::json(response).await?;
        Ok(Some(call.into()))
    }
}

#[async_trait]
impl Telephony for Twilio {
    async fn call_state(&self, call_sid: &str) -> Result<Option<CallState>, Fault> {
        let resource = format!("Calls/{}.json", sid(call_sid)?);
        client::timed(
            PROVIDER,
            limits::READ,
            client::with_retries(limits::RETRIES, || self.fetch_state(&resource)),
        )
        .await
    }

    async fn hang_up(&self, call_sid: &str) -> Result<(), Fault> {
        self.update(call_sid, &[("Status", "completed")]).await
    }

    async fn redirect(&self, call_sid: &str, twiml: &str) -> Result<(), Fault> {
        self.update(call_sid, &[("Twiml", twiml)]).await
    }

    async fn place_call(&self, call: NewCall) -> Result<String, Fault> {
        let request = self.request(Method::POST, "Calls.json")?.form(&wire::placed(call));
        let placing = async {
            let response = client::send(request, Effect::Write).await?;
            client::json::<wire::Call>(response).await
        };
        Ok(client::timed(PROVIDER, limits::WRITE, placing).await?.sid)
    }

    async fn recording(&self, recording_url: &str) -> Result<Option<Bytes>, Fault> {
        let url = media::mp3_url(&self.settings.base, recording_url)?;
        client::timed(
            PROVIDER,
            limits::RECORDING,
            client::with_retries(limits::RETRIES, || self.download(&url)),
        )
        .await
    }
}

/// A sid stands in a path: letters and digits only.
fn sid(sid: &str) -> Result<&str, Fault> {
    let sound = (1..=64).contains(&sid.len()) && sid.chars().all(|character| character.is_ascii_alphanumeric());
    if sound {
        Ok(sid)
    } else {
        Err(Fault::Rejected("a call sid that is none".to_owned()))
    }
}
