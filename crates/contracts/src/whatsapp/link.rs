//! A session of WhatsApp Web that a business links to its own phone. Only our bridge has one; the other carriers are
//! accounts with a company and need none.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Phone;

use super::Address;
use crate::Fault;

/// A code to be scanned with the phone that is to be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// What the code says, to be drawn.
    pub text: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What the other side sees of us while we are at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Composing,
    Recording,
    Paused,
}

impl Presence {
    /// WhatsApp's own word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Composing => "composing",
            Self::Recording => "recording",
            Self::Paused => "paused",
        }
    }
}

#[async_trait]
pub trait Link: Send + Sync {
    /// The code to scan now; starts a session if there is none. `None` while no code is there: linked already, or not
    /// yet connected.
    async fn qr(&self) -> Result<Option<Qr>, Fault>;

    /// Asks for a code that is typed into this phone instead of being scanned. `Declined` when it is linked already.
    async fn pair(&self, phone: &Phone) -> Result<String, Fault>;

    /// Ends the link and forgets its credentials. No fault when there is none.
    async fn logout(&self) -> Result<(), Fault>;

    /// Whether WhatsApp knows this number.
    async fn on_whatsapp(&self, phone: &Phone) -> Result<bool, Fault>;

    /// Shows or ends «is typing». Nothing is lost when it fails.
    async fn presence(&self, to: &Address, presence: Presence) -> Result<(), Fault>;
}
