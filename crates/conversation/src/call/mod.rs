//! Turn-taking in a phone call, as a state machine: [`Call::step`] takes an input and the time and gives effects.
//!
//! No sockets, no timers, no clock: the driver in `app::channels::voice::media` owns those. So every rule here is tested
//! in virtual time. One call is one [`Call`]; whatever comes in whatever order, it ends with one [`Effect::Leave`].

mod callback;
mod chunker;
mod config;
mod ears;
mod end_of_turn;
mod events;
mod leaving;
mod listening;
mod mouth;
mod number;
mod speaking;
mod thinking;
mod turn;
mod waiting;
pub mod words;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use contracts::llm::Message;

pub use config::{Caller, Config, Engines, Greeting, Limits, Price, Timing, Transfer, Voice};
pub use ears::{FRAME_MS, Frame, Hearing};
pub use end_of_turn::{Adaptive, EndOfTurn, Heard};
pub use events::{
    Command, Effect, Exit, GenerationId, Input, Leaving, Mark, Place, Speaker, ToolOutcome, TurnId, UtteranceId,
};
pub use mouth::SpeechId;
pub use turn::{Latency, Mind, ToolNote, TurnRecord};

use ears::Ears;
use mouth::Mouth;
use thinking::Generation;
use turn::Turn;
use waiting::Waiting;

use crate::script::Script;

/// Milliseconds: since the stream was opened, or of a stretch of audio.
pub type Ms = u64;

/// One phone call.
pub struct Call {
    config: Config,
    now: Ms,
    out: Vec<Effect>,

    ears: Ears,
    end_of_turn: Box<dyn EndOfTurn>,
    mouth: Mouth,
    mind: Mind,
    script: Script,
    /// The script before the answer that it is answering, should the caller go on speaking.
    script_before: Option<Script>,
    number: number::State,

    history: Vec<Message>,
    turn: Option<Turn>,
    last_turn: TurnId,
    /// What the caller said and nobody has answered yet.
    unanswered: Option<String>,
    /// What is being answered now.
    answering: Option<String>,
    /// What an interruption cut off, in case it was none.
    remainder: Option<String>,
    recognising: VecDeque<UtteranceId>,
    last_utterance: UtteranceId,
    generation: Option<Generation>,
    last_generation: GenerationId,
    last_own_tool: u32,

    digits: String,
    digits_at: Ms,
    waiting: Option<Waiting>,
    quiet_since: Option<Ms>,
    asked_again: u32,
    unclear: u32,
    empty_answers: u32,
    deaf: u32,
    last_end_of_turn: Option<Ms>,
    last_frame: Ms,
    tokens: u64,
    cost_micros: u64,

    farewell: Option<leaving::Farewell>,
    wants_person: bool,
    wants_callback: bool,
    /// When the caller wants to be called back was said, and noted.
    callback_noted: bool,
    spoke: bool,
    begun: bool,
    over: bool,
}

impl Call {
    pub fn new(config: Config, end_of_turn: Box<dyn EndOfTurn>) -> Self {
        let mind = if config.engines.model && config.engines.recogniser {
            Mind::Model
        } else {
            Mind::Script
        };
        let last_turn = config.turns_before;
        let at_ms = match config.greeting {
            Greeting::Played { length_ms, .. } => length_ms,
            Greeting::Spoken(_) => 0,
        };
        Self {
            ears: Ears::new(config.hearing, at_ms),
            script: Script::new(config.caller.name.clone(), config.caller.hidden),
            end_of_turn,
            mind,
            config,
            now: 0,
            out: Vec::new(),
            mouth: Mouth::default(),
            script_before: None,
            number: number::State::default(),
            history: Vec::new(),
            turn: None,
            last_turn,
            unanswered: None,
            answering: None,
            remainder: None,
            recognising: VecDeque::new(),
            last_utterance: 0,
            generation: None,
            last_generation: 0,
            last_own_tool: 0,
            digits: String::new(),
            digits_at: 0,
            waiting: None,
            quiet_since: None,
            asked_again: 0,
            unclear: 0,
            empty_answers: 0,
            deaf: 0,
            last_end_of_turn: None,
            last_frame: 0,
            tokens: 0,
            cost_micros: 0,
            farewell: None,
            wants_person: false,
            wants_callback: false,
            callback_noted: false,
            spoke: false,
            begun: false,
            over: false,
        }
    }

    /// Takes one input at a time that never runs backwards, and gives what is to be done.
    #[must_use]
    pub fn step(&mut self, input: Input, now: Ms) -> Vec<Effect> {
        if self.over {
            return Vec::new();
        }
        self.now = self.now.max(now);
        self.take(input);
        self.settle();
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Begin => self.begin(),
            Input::Frame(frame) => self.hear(frame),
            Input::Tick => {}
            Input::Recognised { utterance, text } => self.recognised(utterance, &text),
            Input::NotRecognised { utterance } => self.not_recognised(utterance),
            Input::Model { generation, delta } => self.model_said(generation, delta),
            Input::ModelDone { generation } => self.model_done(generation),
            Input::ModelFailed { generation } => self.model_failed(generation),
            Input::ToolDone { id, outcome } => self.tool_done(&id, outcome),
            Input::SpeechStarted { speech } => self.speech_started(speech),
            Input::SpeechMade { speech, length_ms } => self.mouth.made(speech, length_ms),
            Input::SpeechFailed { speech } => self.speech_failed(speech),
            Input::Mark(mark) => self.mark(mark),
            Input::Digit(digit) => self.digit(digit),
            Input::Command(command) => self.command(command),
            Input::Stopped => self.leave(Exit::HungUp),
            Input::Drain => self.leave(Exit::ToRecording),
        }
    }

    /// The beginning of the caller's audio that may still be asked for; the driver may drop what is older.
    pub fn wanted_from_ms(&self) -> Ms {
        self.ears.wanted_from_ms()
    }

    /// The agent left the call; further inputs do nothing.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// The position in the recording: the greeting that was played before, and the caller's audio so far.
    pub const fn at_ms(&self) -> Ms {
        self.ears.at_ms()
    }

    fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        self.last_frame = self.now;
        match self.config.greeting.clone() {
            Greeting::Played { text, .. } if self.config.turns_before > 0 => self.history.push(Message::Assistant {
                text,
                tool_calls: Vec::new(),
            }),
            Greeting::Played { text, .. } => self.greeting_was_played(&text),
            Greeting::Spoken(text) => {
                self.open_turn();
                let line = text.filter(|text| !text.trim().is_empty()).map_or_else(
                    || self.config.voice.fixed(crate::sentences::Key::Greeting),
                    |text| self.greeting(text),
                );
                self.say(line, mouth::Purpose::Answer);
            }
        }
        if self.mind == Mind::Script {
            self.open_turn();
            self.say_closed();
            let reply = self.script.begin();
            self.follow(reply);
        }
    }
}
