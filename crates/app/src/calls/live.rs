//! Running calls: what the media socket's driver asks and tells.
//!
//! The driver owns sound and conversation; the rows, the events and what happens to the line afterwards are decided
//! here.

use std::{path::PathBuf, sync::Arc};

use kernel::{CallId, CustomerId, Phone, Problem, Scope};
use serde_json::Value;

use super::{directory::VoiceBusiness, hours::NextOpening};
use crate::App;

/// Everything that a conversation needs to begin.
#[derive(Clone)]
pub struct LiveCall {
    pub scope: Scope,
    pub call_id: CallId,
    pub call_sid: String,
    /// A person tries the agent in the browser: no customer, in no statistic.
    pub test: bool,
    pub business: Arc<VoiceBusiness>,
    pub customer: Option<KnownCustomer>,
    pub caller_hidden: bool,
    /// Closed now: when the business opens again. `None` while open, and when it does not open within a month.
    pub after_hours: Option<NextOpening>,
    /// Closed now, whether or not the next opening is known.
    pub closed: bool,
    /// The caller heard the greeting before the socket opened.
    pub greeting_played: bool,
    /// The call has had turns before this socket (a socket that was opened again).
    pub turns_before: i32,
    /// Held for as long as the driver holds the call.
    pub presence: Arc<Presence>,
}

/// The caller, when we know him.
#[derive(Clone, Debug)]
pub struct KnownCustomer {
    pub id: CustomerId,
    pub name: String,
    pub phone: Option<Phone>,
}

/// Why a media socket is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The token is not ours, not this call's, or has run out.
    Token,
    /// There is no such call.
    UnknownCall,
    /// The call is over, or another socket serves it.
    NotNow,
    /// The database does not answer.
    Unavailable,
}

/// A part of the transcript as it arises.
#[derive(Clone, Debug)]
pub struct Partial {
    pub turn_id: i32,
    pub speaker: Speaker,
    pub text: String,
    /// Nothing will be added to it.
    pub final_: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Caller,
    Agent,
}

impl Speaker {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
        }
    }
}

/// One finished turn. Positions count in milliseconds from the socket's first frame, as in its recording.
#[derive(Clone, Debug, Default)]
pub struct TurnRecord {
    pub turn_id: i32,
    /// `None` when nothing recognised the caller's words, or the agent spoke first.
    pub caller_text: Option<String>,
    pub agent_text: String,
    pub caller_from_ms: Option<i64>,
    pub caller_to_ms: Option<i64>,
    pub agent_from_ms: Option<i64>,
    pub agent_to_ms: Option<i64>,
    pub t_audio_ms: Option<i64>,
    pub t_nlp_ms: Option<i64>,
    pub t_tts_ms: Option<i64>,
    pub t_total_ms: Option<i64>,
    pub mode: String,
    pub interrupted: bool,
    /// `[{name, summary, ok}]`
    pub tools: Value,
}

/// How the conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Goodbye was said.
    Over,
    /// It could not go on: the caller is asked for a message.
    ToRecording,
    /// The caller is to be put through. `to` names a phone; `None` leaves the choice to the business's settings.
    Transfer { reason: String, to: Option<String> },
    /// A person who was rung has taken the call over.
    TakenOver,
    /// The caller, or a person in the browser, hung up.
    HungUp,
}

/// What the driver leaves behind.
#[derive(Clone, Debug)]
pub struct Leaving {
    pub how: How,
    /// The finished stereo recording, a WAV file that is taken over from here.
    pub recording: Option<PathBuf>,
    /// The caller asked for a person or a call back and got neither.
    pub wants_person: bool,
}

/// Keeps the call in the list of running ones until the driver lets go of it.
pub struct Presence {
    pub(super) call_id: CallId,
    pub(super) registry: std::sync::Weak<super::registry::Registry>,
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.socket_closed(self.call_id);
        }
    }
}

/// Lets a media socket in: checks its token and loads what the conversation needs.
pub async fn admit(app: &App, call_sid: &str, token: &str) -> Result<LiveCall, Refused> {
    super::admission::admit(app, call_sid, token).await
}

/// Shows a part of the transcript to whoever watches the call. Final parts are kept as events.
pub async fn heard(app: &App, call: &LiveCall, part: Partial) {
    super::progress::heard(app, call, part).await;
}

/// Shows how loud both sides are, each from 0 to 1.
pub fn level(app: &App, call: &LiveCall, caller: f32, agent: f32) {
    super::progress::level(app, call, caller, agent);
}

/// Writes a finished turn. The same turn written again replaces itself.
pub async fn save_turn(app: &App, call: &LiveCall, turn: TurnRecord) -> Result<(), Problem> {
    super::progress::save_turn(app, call, turn).await
}

/// Notes how it ended, before the socket is closed: Twilio asks for what comes next as soon as it is.
pub async fn leave(app: &App, call: &LiveCall, leaving: Leaving) -> Result<(), Problem> {
    super::progress::leave(app, call, leaving).await
}
