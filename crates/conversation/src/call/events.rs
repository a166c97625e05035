//! What reaches a call and what it asks for. The driver turns sockets, engines and timers into these, and back.

use contracts::{
    llm::{Delta, Prompt, ToolCall},
    tts::Speech,
};
use kernel::{Phone, Pii};

use super::{Frame, Ms, SpeechId, turn::TurnRecord};

pub type UtteranceId = u32;
pub type GenerationId = u32;
pub type TurnId = u32;

#[derive(Clone, Debug)]
pub enum Input {
    /// The stream is open.
    Begin,
    /// 20 ms of the caller's audio.
    Frame(Frame),
    /// Time has passed and nothing else happened.
    Tick,
    Recognised {
        utterance: UtteranceId,
        text: String,
    },
    /// Every recogniser failed.
    NotRecognised {
        utterance: UtteranceId,
    },
    Model {
        generation: GenerationId,
        delta: Delta,
    },
    ModelDone {
        generation: GenerationId,
    },
    /// Every model failed.
    ModelFailed {
        generation: GenerationId,
    },
    ToolDone {
        id: String,
        outcome: ToolOutcome,
    },
    /// The sentence's first frame went out.
    SpeechStarted {
        speech: SpeechId,
    },
    /// The whole sentence is synthesised and this long.
    SpeechMade {
        speech: SpeechId,
        length_ms: Ms,
    },
    /// No engine could speak it.
    SpeechFailed {
        speech: SpeechId,
    },
    /// A mark came back.
    Mark(Mark),
    Digit(char),
    Command(Command),
    /// The caller hung up, or the stream ended.
    Stopped,
    /// The process is about to end: the recording flow takes over.
    Drain,
}

/// A place in the agent's audio that the phone company reports as played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub speech: SpeechId,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Milliseconds from the sentence's beginning.
    At(Ms),
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    HangUp,
    /// A person has taken the call over and waits.
    TakeOver,
    /// An instruction to the agent that the caller does not hear.
    Whisper(String),
}

/// What a tool did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOutcome {
    pub ok: bool,
    /// For the model.
    pub content: String,
    /// For people, in the call's record.
    pub summary: String,
}

#[derive(Clone, Debug)]
pub enum Effect {
    /// Recognise this stretch of the caller's audio.
    Recognise {
        utterance: UtteranceId,
        from_ms: Ms,
        to_ms: Ms,
    },
    Think {
        generation: GenerationId,
        prompt: Prompt,
    },
    CancelThinking {
        generation: GenerationId,
    },
    RunTool(ToolCall),
    /// Speak after what is queued.
    Say {
        speech: SpeechId,
        line: Speech,
    },
    /// Drop all that is queued or being played, here and at the phone company.
    Clear,
    /// The caller confirmed this number.
    LinkCaller(Pii<Phone>),
    /// For the live view.
    Heard {
        turn_id: TurnId,
        speaker: Speaker,
        text: String,
        is_final: bool,
    },
    SaveTurn(TurnRecord),
    /// The agent leaves the call. Nothing follows.
    Leave(Leaving),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Caller,
    Agent,
}

/// How the agent's part of the call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    pub how: Exit,
    /// The caller asked for a person and has not got one.
    pub wants_person: bool,
    /// The caller was promised to be called back, or left something to listen to.
    pub wants_callback: bool,
    /// Somebody was heard speaking.
    pub spoke: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was said: hang up.
    Over,
    /// The engines are gone: the recording flow takes over.
    ToRecording,
    /// To whom the business names.
    Transfer { reason: String },
    /// A person of the business has the call now.
    TakenOver,
    /// The caller, or a person of the business, ended the call.
    HungUp,
}
