//! Running calls: what the media socket's driver asks and tells.
//!
//! The driver owns sound and conversation; the rows, the events and what happens to the line afterwards are decided
//! here.

use std::{path::PathBuf, sync::Arc};

use kernel::{CallId, CustomerId, Phone, Scope};

use super::{directory::VoiceBusiness, hours::NextOpening};

pub use super::{
    admission::admit,
    progress::{heard, leave, level, save_turn},
};

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
    /// Closed now: when the business opens again. `None` while open, and when no opening is in sight.
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
