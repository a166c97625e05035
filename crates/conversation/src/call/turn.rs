//! One exchange: what the caller said, what of the answer was heard, and how long each part took.

use super::{Ms, events::TurnId, mouth::append};

/// A finished turn, as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnRecord {
    pub turn_id: TurnId,
    /// `None` when the caller said nothing, or when the answer is kept as audio only.
    pub caller_text: Option<String>,
    /// What was really heard.
    pub agent_text: String,
    /// Offsets into the call's recording.
    pub caller_from_ms: Option<Ms>,
    pub caller_to_ms: Option<Ms>,
    pub agent_from_ms: Option<Ms>,
    pub agent_to_ms: Option<Ms>,
    pub latency: Latency,
    pub interrupted: bool,
    /// What answered.
    pub mind: Mind,
    pub tools: Vec<ToolNote>,
}

/// Who thinks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mind {
    Model,
    #[default]
    Script,
}

impl Mind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Script => "script",
        }
    }
}

/// A tool that ran in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolNote {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub ok: bool,
}

/// How long the caller waited, from the last voice to the first word of the answer. The parts add up to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// Last voice to text: the silence that ends a turn, and recognition.
    pub audio_ms: Option<Ms>,
    /// Text to the first sentence of the answer.
    pub nlp_ms: Option<Ms>,
    /// First sentence to its first audio.
    pub tts_ms: Option<Ms>,
    pub total_ms: Option<Ms>,
    /// The silence that was waited for before the turn was taken as finished; part of `audio_ms`.
    pub window_ms: Option<Ms>,
}

/// The turn that is going on.
#[derive(Debug, Default)]
pub struct Turn {
    pub record: TurnRecord,
    /// Last voice of the caller, on the call's clock.
    voice_end: Option<Ms>,
    text_at: Option<Ms>,
    sentence_at: Option<Ms>,
    /// Where the turn's first message stands in the conversation.
    pub first_message: usize,
    /// «One moment» was said.
    pub fillers: u32,
    /// Characters of the answer that were handed over.
    pub chars: usize,
    /// The answer promises a call back.
    pub promised: bool,
}

impl Turn {
    pub fn new(turn_id: TurnId, first_message: usize) -> Self {
        Self {
            record: TurnRecord {
                turn_id,
                ..TurnRecord::default()
            },
            first_message,
            ..Self::default()
        }
    }

    /// The caller finished speaking. What he says in several pieces is one turn.
    pub fn caller_spoke(&mut self, from_ms: Ms, to_ms: Ms, now: Ms, silence_ms: Ms) {
        self.record.caller_from_ms.get_or_insert(from_ms);
        self.record.caller_to_ms = Some(to_ms);
        self.voice_end = Some(now.saturating_sub(silence_ms));
        self.record.latency.window_ms = Some(silence_ms);
        self.text_at = None;
        self.sentence_at = None;
    }

    /// What was taken for speech was none.
    pub const fn caller_was_silent(&mut self) {
        self.record.caller_from_ms = None;
        self.record.caller_to_ms = None;
    }

    pub fn text(&mut self, text: &str, now: Ms) {
        append(self.record.caller_text.get_or_insert_default(), text);
        self.text_at = Some(now);
    }

    pub fn sentence(&mut self, now: Ms) {
        self.sentence_at.get_or_insert(now);
    }

    /// The answer's first audio went out.
    pub fn audible(&mut self, now: Ms, at_ms: Ms) {
        self.record.agent_from_ms.get_or_insert(at_ms);
        if self.record.latency.total_ms.is_some() {
            return;
        }
        let Some(voice_end) = self.voice_end else { return };
        let text_at = self.text_at.unwrap_or(voice_end);
        let sentence_at = self.sentence_at.unwrap_or(now).max(text_at);
        let latency = &mut self.record.latency;
        latency.audio_ms = Some(text_at.saturating_sub(voice_end));
        latency.nlp_ms = Some(sentence_at.saturating_sub(text_at));
        latency.tts_ms = Some(now.saturating_sub(sentence_at));
        latency.total_ms = Some(now.saturating_sub(voice_end));
    }

    pub fn heard(&mut self, text: &str, at_ms: Ms) {
        append(&mut self.record.agent_text, text);
        self.record.agent_to_ms = Some(at_ms);
    }

    /// Nothing was said on either side.
    pub fn is_empty(&self) -> bool {
        let record = &self.record;
        record.caller_from_ms.is_none()
            && record.agent_text.is_empty()
            && record.tools.is_empty()
            && record.caller_text.is_none()
    }
}
