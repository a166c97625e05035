//! What a call is begun with: who answers, what is known, and how long everything may take.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;
use contracts::{
    llm::ToolSpec,
    tts::{Gender, Speech},
};

use super::{Hearing, Ms, TurnId};
use crate::sentences::{self, Fixed, Key};

#[derive(Clone, Debug)]
pub struct Config {
    pub voice: Voice,
    pub greeting: Greeting,
    pub caller: Caller,
    pub engines: Engines,
    pub transfer: Transfer,
    /// What is said of the opening after hours, as fixed words; empty while open.
    pub opening: Vec<Fixed>,
    /// The model's instructions, from [`crate::prompt`].
    pub system_prompt: String,
    pub tools: Vec<ToolSpec>,
    pub hearing: Hearing,
    pub timing: Timing,
    pub limits: Limits,
    /// Turns that the call had on an earlier socket.
    pub turns_before: TurnId,
    /// The business's clock when the stream was opened.
    pub began: DateTime<Tz>,
}

/// How the agent speaks.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    pub gender: Gender,
    /// BCP 47.
    pub language: String,
    /// The engine's own name of a voice, when the business chose one.
    pub name: Option<String>,
    /// Fixed sentences that the business words otherwise, by the key's name.
    pub wording: BTreeMap<String, String>,
}

impl Voice {
    /// A fixed sentence in this voice.
    pub fn fixed(&self, key: Key) -> Speech {
        self.part(sentences::get(key, self.gender))
    }

    /// A part of a composed sentence.
    pub fn part(&self, fixed: Fixed) -> Speech {
        let wording = self.wording.get(fixed.key.name()).map(String::as_str);
        Speech {
            voice: self.name.clone(),
            ..fixed.speech(self.gender, wording)
        }
    }

    /// Free text.
    pub fn free(&self, text: String) -> Speech {
        Speech {
            text,
            phonemes: None,
            language: self.language.clone(),
            gender: self.gender,
            clip: None,
            voice: self.name.clone(),
        }
    }
}

/// The first words of the call.
#[derive(Clone, Debug)]
pub enum Greeting {
    /// The phone company played it before the stream was opened, or on an earlier stream of the call. The recording
    /// begins with so much of it.
    Played { text: String, length_ms: Ms },
    /// The agent says it: the business's own words, or the fixed greeting.
    Spoken(Option<String>),
}

/// Who calls, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub name: Option<String>,
    /// No number came with the call: one is asked for, read back, and linked only after a yes.
    pub hidden: bool,
}

/// Which engines stand behind the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engines {
    pub recogniser: bool,
    pub model: bool,
}

/// Whether a person can take the call now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    Possible,
    /// Nobody to hand over to, or closed: a request is noted, and a message taken.
    Impossible,
}

/// How long things may take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Voice over the agent that interrupts it.
    pub barge_in_ms: Ms,
    /// Waiting for an answer until «one moment» is said.
    pub filler_ms: Ms,
    /// No sign of an engine for this long: it is given up, and the scripted flow answers.
    pub engine_ms: Ms,
    /// No sign of any engine for this long: the recording flow takes over.
    pub watchdog_ms: Ms,
    /// The longest wait for an answer, whatever signs there were.
    pub patience_ms: Ms,
    /// The caller says nothing for this long: asked again.
    pub silence_ms: Ms,
    /// After the last digit of a number.
    pub digits_ms: Ms,
    /// Words on the way out may take this long.
    pub farewell_ms: Ms,
    /// No audio from the phone company for this long: the line is dead.
    pub dead_line_ms: Ms,
    /// Speech so soon after an end of turn says that it was none.
    pub resumed_ms: Ms,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            barge_in_ms: 200,
            filler_ms: 1_500,
            engine_ms: 4_000,
            watchdog_ms: 6_000,
            patience_ms: 12_000,
            silence_ms: 7_000,
            digits_ms: 2_500,
            farewell_ms: 12_000,
            dead_line_ms: 15_000,
            resumed_ms: 1_000,
        }
    }
}

/// What one call may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub call_ms: Ms,
    /// Tokens of the model in and out; then the scripted flow goes on.
    pub tokens: u64,
    /// Millionths of a currency unit; `None` when nothing is priced.
    pub cost_micros: Option<u64>,
    pub price: Price,
    /// Tokens of one answer.
    pub answer_tokens: u32,
    /// Characters spoken in one answer: about a minute.
    pub answer_chars: usize,
    /// Rounds of tools in one answer.
    pub tool_rounds: u32,
    /// Messages of the conversation that the model sees.
    pub history: usize,
}

/// What the model costs, in millionths of a currency unit for a thousand tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    pub input_micros_per_1k: u64,
    pub output_micros_per_1k: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call_ms: 15 * 60 * 1_000,
            tokens: 60_000,
            cost_micros: None,
            price: Price::default(),
            answer_tokens: 400,
            answer_chars: 900,
            tool_rounds: 4,
            history: 80,
        }
    }
}
