//! The phone company: what we ask of it beside answering its webhooks.

use async_trait::async_trait;
use bytes::Bytes;

use crate::Fault;

/// The account that a call belongs to; a business may have its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountSid(pub String);

/// What the company says of a call: its word for the status (`completed`, `in-progress`, …) and its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    pub status: String,
    pub duration_seconds: Option<i64>,
}

/// A call to place.
#[derive(Clone, Debug)]
pub struct NewCall {
    pub to: String,
    pub from: String,
    /// What happens when it is answered, as TwiML.
    pub twiml: String,
    /// Seconds to ring before it counts as unanswered.
    pub ring_seconds: u32,
    pub status_callback: Option<String>,
}

#[async_trait]
pub trait Telephony: Send + Sync {
    /// `None` when the company does not know the call.
    async fn call_state(&self, call_sid: &str) -> Result<Option<CallState>, Fault>;

    /// Ends a running call.
    async fn hang_up(&self, call_sid: &str) -> Result<(), Fault>;

    /// Gives a running call new instructions.
    async fn redirect(&self, call_sid: &str, twiml: &str) -> Result<(), Fault>;

    /// Places a call and gives its sid.
    async fn place_call(&self, call: NewCall) -> Result<String, Fault>;

    /// The audio of a recording as MP3. `None` while the company does not have it yet (its media can be 404 for some
    /// seconds after the callback). The URL must be on the account's own API host; any other is `Rejected`.
    async fn recording(&self, recording_url: &str) -> Result<Option<Bytes>, Fault>;
}
