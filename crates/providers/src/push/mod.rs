//! Web push as browsers understand it: encryption (RFC 8291), the server's signature (RFC 8292) and the headers of
//! RFC 8030. Nothing is sent here.

mod encryption;
mod keys;
mod signature;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use contracts::{
    Fault,
    push::{MOST_BYTES, Message, Sealed, Target, WebPush},
};
use url::Url;

pub use keys::Keys;

/// Seals messages under one pair of keys.
pub struct Vapid {
    keys: Keys,
    /// Whom a push service may write to: `mailto:` or `https:`.
    contact: String,
}

impl Vapid {
    pub const fn new(keys: Keys, contact: String) -> Self {
        Self { keys, contact }
    }
}

impl WebPush for Vapid {
    fn public_key(&self) -> String {
        self.keys.public_text()
    }

    fn check(&self, target: &Target) -> Result<(), Fault> {
        encryption::Browser::read(target).map(drop)
    }

    fn seal(&self, target: &Target, message: &Message, now: DateTime<Utc>) -> Result<Sealed, Fault> {
        if message.payload.len() > MOST_BYTES {
            return Err(Fault::Rejected(format!("a payload of more than {MOST_BYTES} bytes")));
        }
        let body = encryption::seal(&encryption::Browser::read(target)?, &message.payload)?;
        let endpoint = Url::parse(&target.endpoint).map_err(|_| Fault::Rejected("no address".to_owned()))?;
        let token = signature::token(&self.keys, &endpoint, &self.contact, now)?;
        let mut headers = vec![
            (
                "authorization",
                format!("vapid t={token}, k={}", self.keys.public_text()),
            ),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", message.ttl_seconds.to_string()),
            ("urgency", message.urgency.as_str().to_owned()),
        ];
        headers.extend(message.topic.clone().map(|topic| ("topic", topic)));
        Ok(Sealed {
            headers,
            body: Bytes::from(body),
        })
    }
}

/// The library says no more than that it did not work.
fn broken(_: aws_lc_rs::error::Unspecified) -> Fault {
    Fault::Misconfigured("the cryptography of web push failed".to_owned())
}
