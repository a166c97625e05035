//! Text to speech.

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::{Fault, audio::Pcm};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gender {
    #[default]
    Feminine,
    Masculine,
}

/// What to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Speech {
    pub text: String,
    /// The same as espeak-ng phonemes (without the brackets), for the embedded voice: it cannot read bare Hebrew.
    pub phonemes: Option<String>,
    /// BCP 47, for example `he-IL`.
    pub language: String,
    pub gender: Gender,
    /// The same already spoken, as 8 kHz mu-law, for fixed sentences: the embedded voice plays it, with or without
    /// espeak-ng on the machine.
    pub clip: Option<&'static [u8]>,
    /// The engine's own name of a voice, when the business chose one.
    pub voice: Option<String>,
}

/// Pieces of 8 kHz mono speech in the order they are to be heard.
pub type SpeechStream = BoxStream<'static, Result<Pcm, Fault>>;

#[async_trait]
pub trait TextToSpeech: Send + Sync {
    /// The name used in `TTS_ORDER`.
    fn name(&self) -> &'static str;

    /// Begins to speak. Dropping the stream stops the synthesis.
    async fn speak(&self, speech: Speech) -> Result<SpeechStream, Fault>;
}
