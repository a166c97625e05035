//! The signature that stands on every request between the server and the bridge, both ways.

use aws_lc_rs::{hmac, rand};
use contracts::{
    Fault,
    whatsapp::signing::{PREFIX, SIGNATURE_HEADER, TIMESTAMP_HEADER, text},
};
use kernel::{Clock, ExposeSecret, SecretString};
use reqwest::{Method, RequestBuilder};
use url::Url;

use crate::whatsapp::reading::hex;

/// Signs under the secret that both sides share.
pub(super) struct Signer {
    key: hmac::Key,
    clock: Clock,
}

impl Signer {
    pub fn new(secret: &SecretString, clock: Clock) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()),
            clock,
        }
    }

    /// The headers over exactly this address and body.
    pub fn signed(&self, request: RequestBuilder, method: &Method, url: &Url, body: &[u8]) -> RequestBuilder {
        let seconds = self.clock.now().timestamp();
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let tag = hmac::sign(&self.key, &text(seconds, method.as_str(), &target, body));
        request
            .header(TIMESTAMP_HEADER, seconds.to_string())
            .header(SIGNATURE_HEADER, format!("{PREFIX}{}", hex(tag.as_ref())))
    }
}

/// Puts a number into the query that was never there, so that no two requests have one signature.
pub(super) fn unique(mut url: Url) -> Result<Url, Fault> {
    let mut number = [0; 16];
    rand::fill(&mut number).map_err(|_| Fault::Misconfigured("no random numbers".to_owned()))?;
    url.query_pairs_mut().append_pair("n", &hex(&number));
    Ok(url)
}
