//! What is known of a simulated call afterwards, as data and as text. All times are milliseconds since the call began.

mod ears;
mod pace;
mod readable;
mod summary;

use serde::Serialize;

pub use ears::Ears;
pub use pace::{Pace, PaceReport};
pub use readable::{call_text, summary_text};
pub use summary::{Gathering, Spread, Summary};

use crate::{
    call::tape::Tape,
    twilio::{Trouble, forms::Parties, post::Delivery},
};

#[derive(Clone, Debug, Serialize)]
pub struct CallReport {
    pub call_sid: String,
    pub from: String,
    pub to: String,
    /// How the call ended.
    pub ended: String,
    pub duration_ms: u64,
    /// The verbs in the order in which they were followed.
    pub path: Vec<Followed>,
    /// What Twilio's debugger would show.
    pub errors: Vec<Noted>,
    pub webhooks: Vec<Delivery>,
    pub plays: Vec<Played>,
    /// How long files were played without being interrupted.
    pub played_ms: u64,
    pub recordings: Vec<RecordingMade>,
    pub dials: Vec<Dialled>,
    pub stream: Option<StreamReport>,
    #[serde(skip)]
    pub agent_wav: Option<Vec<u8>>,
    #[serde(skip)]
    pub call_wav: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Followed {
    pub at_ms: u64,
    pub verb: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Noted {
    pub at_ms: u64,
    #[serde(flatten)]
    pub trouble: Trouble,
}

/// A file that was fetched and played.
#[derive(Clone, Debug, Serialize)]
pub struct Played {
    pub url: String,
    pub content_type: String,
    pub bytes: usize,
    pub took_ms: f64,
    pub audio_ms: u64,
    pub level_dbfs: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecordingMade {
    pub recording_sid: String,
    pub url: String,
    pub duration_ms: u64,
    /// What was said into it.
    pub text: Vec<String>,
    pub level_dbfs: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Dialled {
    pub number: String,
    pub result: String,
    pub talked_ms: u64,
}

/// One media stream.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StreamReport {
    pub stream_sid: String,
    pub opened_at_ms: u64,
    /// From the request to 101.
    pub upgrade_ms: f64,
    pub closed_by: String,
    /// What the server closed with.
    pub close_code: Option<u16>,
    pub close_reason: String,
    pub frames_sent: u64,
    /// How late our own frames left; above 5 ms at p99 the call proves nothing about the server.
    pub pace: PaceReport,
    pub media_messages: u64,
    pub received_ms: u64,
    /// Audio that was dropped by `clear`.
    pub dropped_ms: f64,
    /// Audio that was still queued when the socket closed.
    pub unheard_at_close_ms: f64,
    pub marks: u64,
    pub clears: u64,
    pub partial_frames: u64,
    /// Loudness of the audible parts.
    pub level_dbfs: f64,
    /// From the stream's opening to the agent's first audible sound.
    pub first_heard_ms: Option<f64>,
    /// How often the queue ran dry in the middle of speech.
    pub underruns: u64,
    pub gaps_over_60_ms: u64,
    /// Silences longer than 60 ms between two pieces of one answer.
    pub gaps: Vec<Gap>,
    pub turns: Vec<Turn>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    pub at_ms: u64,
    pub silent_ms: f64,
    /// It came after a mark, where a sentence may end; not counted as a gap in speech.
    pub after_mark: bool,
}

/// One utterance of the caller and what the agent did about it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Turn {
    pub n: usize,
    pub said: String,
    pub barge_in: bool,
    pub voice_from_ms: f64,
    pub voice_to_ms: f64,
    /// From the end of the caller's voice to the first frame of the answer.
    pub first_media_after_ms: Option<f64>,
    /// From the end of the caller's voice to the first audible sound of the answer.
    pub answer_after_ms: Option<f64>,
    /// The same less the silence that the server waits for before a turn is over.
    pub own_share_ms: Option<f64>,
    /// The agent was still speaking when the caller ended, so the figures above are not an answer's.
    pub overlapped: bool,
    pub clear: Option<Clear>,
    /// How much of the answer is speech, and how loud that is.
    pub agent_speech_ms: u64,
    pub agent_level_dbfs: f64,
}

/// What an interruption led to.
#[derive(Clone, Debug, Serialize)]
pub struct Clear {
    pub at_ms: f64,
    /// From the first voiced frame of the caller.
    pub after_voice_ms: f64,
    /// The same less the voice window: from the interruption being recognised.
    pub after_window_ms: f64,
    pub dropped_ms: f64,
    pub marks_returned: usize,
}

impl CallReport {
    pub fn new(parties: &Parties) -> Self {
        Self {
            call_sid: parties.call_sid.clone(),
            from: parties.from.clone(),
            to: parties.to.clone(),
            ended: String::new(),
            duration_ms: 0,
            path: Vec::new(),
            errors: Vec::new(),
            webhooks: Vec::new(),
            plays: Vec::new(),
            played_ms: 0,
            recordings: Vec::new(),
            dials: Vec::new(),
            stream: None,
            agent_wav: None,
            call_wav: None,
        }
    }

    /// Takes the sound of the call, if it was kept.
    pub(crate) fn finish(&mut self, tape: &Tape) {
        if tape.is_kept() {
            self.agent_wav = tape.agent_wav().ok();
            self.call_wav = tape.call_wav().ok();
        }
    }

    /// Whether nothing went wrong that Twilio would call an error. The server's closing the socket shows as a warning
    /// at every call.
    pub fn is_clean(&self) -> bool {
        self.errors
            .iter()
            .all(|noted| noted.trouble.code == crate::twilio::trouble::STREAM_CLOSED)
            && !self.webhooks.iter().any(|delivery| delivery.differs)
    }
}
