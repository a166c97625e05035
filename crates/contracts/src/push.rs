//! Web push: how a message is sealed for one browser. What is sealed is posted by the product itself, to an address that
//! came from outside.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::Fault;

/// A browser's subscription, as its `PushSubscription` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An URL of the browser's push service. It is a secret: who knows it can send there.
    pub endpoint: String,
    /// The browser's public key: an uncompressed point on P-256, base64url.
    pub p256dh: String,
    /// Sixteen bytes, base64url.
    pub auth: String,
}

/// How soon a push service wakes a sleeping device (RFC 8030, section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    Low,
    Normal,
    High,
}

impl Urgency {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// At most [`MOST_BYTES`].
    pub payload: Vec<u8>,
    /// How long the push service keeps it for a device that is away.
    pub ttl_seconds: u32,
    /// A later message of the same topic replaces one that was not delivered; at most 32 characters of base64url.
    pub topic: Option<String>,
    pub urgency: Urgency,
}

/// The longest payload: with its header and tag it fills the 4096 bytes that every push service takes.
pub const MOST_BYTES: usize = 3_993;

/// A request that any push service understands, but for the address.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

pub trait WebPush: Send + Sync {
    /// The server's public key, base64url, as a page gives it to `pushManager.subscribe`.
    fn public_key(&self) -> String;

    /// `Rejected` for keys that are none.
    fn check(&self, target: &Target) -> Result<(), Fault>;

    /// Encrypts for one browser and signs as this server. `Rejected` for keys that are none, or too long a payload.
    fn seal(&self, target: &Target, message: &Message, now: DateTime<Utc>) -> Result<Sealed, Fault>;
}
