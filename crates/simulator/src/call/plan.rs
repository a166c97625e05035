//! What a call is to be like.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Manners, Step};
use crate::twilio::{desk::Desk, forms::Parties, post::Poster};

#[derive(Clone, Debug)]
pub struct Plan {
    pub parties: Parties,
    pub poster: Poster,
    /// The stand-in of Twilio's REST API that knows this call and serves its recordings.
    pub desk: Option<Desk>,
    pub steps: VecDeque<Step>,
    pub manners: Manners,
    pub paths: Paths,
    /// The caller hangs up after this long, whatever happens.
    pub drop_after: Option<Duration>,
    /// What happens to everyone the server dials.
    pub dialled: Answering,
    pub options: Options,
}

/// Where the number's webhooks point, and how the call begins.
#[derive(Clone, Debug)]
pub struct Paths {
    pub incoming: String,
    pub status: Option<String>,
    /// Posted for a recording whose TwiML names no callback; Twilio itself posts only what is asked for.
    pub recording_status: Option<String>,
    /// TwiML that came with the order to place the call, instead of the first webhook.
    pub twiml: Option<String>,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            incoming: "/webhook/incoming_call".to_owned(),
            status: Some("/webhook/call_status".to_owned()),
            recording_status: None,
            twiml: None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Keeps the sound of both sides.
    pub keep_audio: bool,
    /// Does not wait while a file is played: for load on the webhooks.
    pub skip_play: bool,
    /// The server's configured voice window before a barge-in counts.
    pub voice_window_ms: u64,
    /// The server's configured silence before a turn is over.
    pub silence_window_ms: u64,
    /// Hangs up while recording, as people do who have left their message.
    pub hang_up_in_recording: bool,
    /// A call that lasts longer is ended.
    pub longest: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep_audio: true,
            skip_play: false,
            voice_window_ms: 200,
            silence_window_ms: 0,
            hang_up_in_recording: false,
            longest: Duration::from_secs(600),
        }
    }
}

/// How somebody who is dialled reacts.
#[derive(Clone, Debug)]
pub struct Answering {
    pub result: DialResult,
    /// How long it rings before that.
    pub after: Duration,
    /// How long they talk.
    pub talk: Duration,
    /// What is pressed when asked to accept.
    pub press: String,
}

impl Default for Answering {
    fn default() -> Self {
        Self {
            result: DialResult::Answered,
            after: Duration::from_millis(1_500),
            talk: Duration::from_secs(3),
            press: "1".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialResult {
    #[default]
    Answered,
    NoAnswer,
    Busy,
    Failed,
}

impl DialResult {
    /// Twilio's word for `DialCallStatus`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "completed",
            Self::NoAnswer => "no-answer",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for DialResult {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "answered" | "answer" | "ok" => Ok(Self::Answered),
            "no-answer" => Ok(Self::NoAnswer),
            "busy" => Ok(Self::Busy),
            "failed" => Ok(Self::Failed),
            other => Err(format!("{other} is none of answered, no-answer, busy, failed")),
        }
    }
}
