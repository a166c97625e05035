//! What a call is and how it changes. No database here: each rule is a function of what is known, so that callbacks
//! in any order, and any number of times, end in the same state.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enum whose words stand in the database and in the API.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// Twilio's word for the state of a call.
    Status {
        Queued = "queued",
        Ringing = "ringing",
        InProgress = "in-progress",
        Completed = "completed",
        Busy = "busy",
        Failed = "failed",
        NoAnswer = "no-answer",
        Canceled = "canceled",
    }
}

words! {
    /// How a call is answered.
    Mode { Realtime = "realtime", TurnBased = "turn_based", Voicemail = "voicemail" }
}

words! {
    Direction { In = "in", Out = "out" }
}

words! {
    /// What became of a call.
    Outcome {
        Talked = "talked",
        Message = "message",
        Transferred = "transferred",
        Abandoned = "abandoned",
        Missed = "missed",
        NotReached = "not_reached",
    }
}

words! {
    /// Where a recording was made.
    Source { Stream = "stream", Twilio = "twilio" }
}

words! {
    /// How far a recording has come.
    RecordingState { Pending = "pending", Stored = "stored", Failed = "failed" }
}

impl Status {
    /// Reads Twilio's word; the two of its events that are no status count as the status they mean.
    pub fn of_callback(word: &str) -> Option<Self> {
        match word {
            "initiated" => Some(Self::Queued),
            "answered" => Some(Self::InProgress),
            _ => Self::parse(word),
        }
    }

    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }

    /// Later in a call's life is higher. Among ends the one that says most wins, so that order does not matter.
    const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Ringing => 1,
            Self::InProgress => 2,
            Self::Canceled => 4,
            Self::NoAnswer => 5,
            Self::Busy => 6,
            Self::Failed => 7,
            Self::Completed => 8,
        }
    }
}

/// A status, and whether it was reported or concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub status: Status,
    pub guessed: bool,
}

impl Standing {
    pub const fn reported(status: Status) -> Self {
        Self { status, guessed: false }
    }

    pub const fn guessed(status: Status) -> Self {
        Self { status, guessed: true }
    }

    /// What holds after both were heard, whichever came first.
    #[must_use]
    pub fn with(self, news: Self) -> Self {
        if news.rank() > self.rank() { news } else { self }
    }

    /// A concluded end stands above everything that runs and below every reported end.
    const fn rank(self) -> (u8, u8) {
        if self.guessed && self.status.is_terminal() {
            (3, self.status.rank())
        } else {
            (self.status.rank(), 0)
        }
    }
}

/// What the outcome of a call follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub direction: Direction,
    pub status: Status,
    /// The caller said something, understood or not.
    pub spoke: bool,
    /// A message was left after the beep.
    pub left_message: bool,
    pub person_seconds: Option<i64>,
    /// The caller asked for a person or to be called back.
    pub wants_person: bool,
}

impl Facts {
    /// `None` while the call runs.
    pub fn outcome(&self) -> Option<Outcome> {
        if !self.status.is_terminal() {
            return None;
        }
        let person_spoke = self.person_seconds.is_some();
        Some(match self.direction {
            Direction::Out if person_spoke => Outcome::Talked,
            Direction::Out => Outcome::NotReached,
            Direction::In if person_spoke => Outcome::Transferred,
            Direction::In if self.left_message => Outcome::Message,
            Direction::In if self.spoke => Outcome::Talked,
            Direction::In => match self.status {
                Status::Busy | Status::Failed | Status::NoAnswer => Outcome::Missed,
                _ => Outcome::Abandoned,
            },
        })
    }

    /// Whether someone owes the caller a call.
    pub fn needs_callback(&self) -> bool {
        match self.outcome() {
            Some(Outcome::Message | Outcome::Abandoned | Outcome::Missed) => true,
            Some(Outcome::Talked) => self.direction == Direction::In && self.wants_person,
            Some(Outcome::Transferred | Outcome::NotReached) | None => false,
        }
    }
}

/// What happens with the caller's line when the media socket closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum NextStep {
    /// Goodbye was said.
    Over,
    /// The conversation could not go on: apologise and take a message.
    Record,
    /// Nobody can be rung: say so and take a message.
    Unavailable,
    /// Ring a person's phone.
    Dial {
        to: String,
        user_id: Option<i64>,
        reason: String,
    },
    /// A person is already on the line and waits in a room.
    Bridge {
        room: String,
        user_id: Option<i64>,
        since: DateTime<Utc>,
        /// The caller's line was told so.
        handed: bool,
    },
}

/// What the caller wanted, as the agent or a summary took it from the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = CallExtracted)]
pub struct Extracted {
    pub name: Option<String>,
    pub need: Option<String>,
    pub urgency: Option<String>,
    pub callback_at: Option<DateTime<Utc>>,
    /// `callback_at` as the caller said it.
    pub callback_words: Option<String>,
    #[schema(required = true)]
    pub suggested_tasks: Vec<String>,
    /// Concluded by AI, and not yet touched by a person.
    #[schema(required = true)]
    pub by_ai: bool,
}

/// An outgoing conversation of this many seconds settles that someone was called back.
pub const SETTLED_AFTER_SECONDS: i64 = 20;
/// A claim lapses after this many minutes.
pub const CLAIM_MINUTES: i64 = 30;

#[cfg(test)]
mod tests;
