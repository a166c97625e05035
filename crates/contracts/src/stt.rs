//! Speech to text.

use async_trait::async_trait;

use crate::{Fault, audio::Pcm};

/// What was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// Empty when nothing was understood.
    pub text: String,
    /// BCP 47, when the engine says which language it heard.
    pub language: Option<String>,
}

/// What to recognise.
#[derive(Clone, Debug)]
pub struct Utterance {
    pub audio: Pcm,
    /// BCP 47 of the expected language, for example `he-IL`.
    pub language: String,
    /// Words that are likely (names, the trade's words), for engines that take a hint.
    pub hint: Option<String>,
}

/// A recogniser of whole utterances. Streaming recognisers get a trait of their own beside this one.
#[async_trait]
pub trait SpeechToText: Send + Sync {
    /// The name used in `STT_ORDER`.
    fn name(&self) -> &'static str;

    async fn transcribe(&self, utterance: Utterance) -> Result<Transcript, Fault>;
}
