//! The embedded voice: espeak-ng on this machine, and clips that need not even that.
//!
//! It cannot read unvocalised Hebrew, so Hebrew letters never reach it. A sentence that brings its clip is played from
//! it; one that brings phonemes is spoken from them; free Hebrew text is turned into phonemes by a word list and a
//! guess, which is a last resort and is logged as one.

mod hebrew;
mod numbers;
mod phonemes;
mod process;
mod sound;
mod words;

use std::path::PathBuf;

use async_trait::async_trait;
use audio_codec_algorithms::decode_ulaw;
use contracts::{
    Fault,
    audio::Pcm,
    tts::{Gender, Speech, SpeechStream, TextToSpeech},
};
use futures::{StreamExt, stream};

pub use self::phonemes::spelled;
use self::process::Process;
use super::{begun::begun, split::split};
use crate::limits;

/// Where the program is, unless the operator says otherwise.
pub const PROGRAM: &str = "espeak-ng";

/// A short piece is heard sooner.
const PIECE_CHARS: usize = 160;

#[derive(Clone)]
pub struct Espeak {
    process: Process,
}

impl Espeak {
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            process: Process::new(program.into()),
        }
    }

    /// The program's version; nothing when it is not on this machine. Clips are played without it.
    pub async fn version(&self) -> Option<String> {
        self.process.version().await
    }

    /// What phonemes sound like: the way that clips are made, and that simulated callers speak.
    pub async fn render(&self, phonemes: &str, gender: Gender) -> Result<Pcm, Fault> {
        self.say(Line {
            voice: hebrew_voice(gender).to_owned(),
            text: spelled(phonemes),
        })
        .await
    }

    async fn say(&self, line: Line) -> Result<Pcm, Fault> {
        let wav = self.process.run(&line.voice, &line.text).await?;
        tokio::task::spawn_blocking(move || sound::from_wav(&wav))
            .await
            .map_err(|_| Fault::Unknown("sound that cannot be shaped".to_owned()))?
    }
}

/// What one run of the program says.
struct Line {
    voice: String,
    /// Text as the program reads it: phonemes in `[[…]]`, or words of a language that it knows.
    text: String,
}

const fn hebrew_voice(gender: Gender) -> &'static str {
    match gender {
        Gender::Feminine => "he+f2",
        Gender::Masculine => "he",
    }
}

/// The program's voice of a language, by its primary subtag.
fn voice(language: &str, gender: Gender) -> String {
    let primary: String = language.chars().take_while(char::is_ascii_alphabetic).collect();
    let primary = primary.to_ascii_lowercase();
    match (primary.as_str(), gender) {
        ("he" | "iw" | "", _) => hebrew_voice(gender).to_owned(),
        (_, Gender::Feminine) => format!("{primary}+f2"),
        (_, Gender::Masculine) => primary,
    }
}

/// What the program is told to say, piece by piece.
fn lines(speech: &Speech) -> Vec<Line> {
    if let Some(phonemes) = &speech.phonemes {
        return vec![Line {
            voice: hebrew_voice(speech.gender).to_owned(),
            text: spelled(phonemes),
        }];
    }
    tracing::warn!(
        event = "tts_last_resort",
        engine = "espeak",
        chars = speech.text.chars().count()
    );
    split(&speech.text, PIECE_CHARS)
        .into_iter()
        .map(|piece| {
            if hebrew::has_hebrew(&piece) || voice(&speech.language, speech.gender) == hebrew_voice(speech.gender) {
                Line {
                    voice: hebrew_voice(speech.gender).to_owned(),
                    text: hebrew::spelled(&piece),
                }
            } else {
                Line {
                    voice: voice(&speech.language, speech.gender),
                    text: phonemes::without_brackets(&piece),
                }
            }
        })
        .filter(|line| line.text.chars().any(char::is_alphanumeric))
        .collect()
}

#[async_trait]
impl TextToSpeech for Espeak {
    fn name(&self) -> &'static str {
        "espeak"
    }

    async fn speak(&self, speech: Speech) -> Result<SpeechStream, Fault> {
        if let Some(clip) = speech.clip.filter(|clip| !clip.is_empty()) {
            let samples: Vec<i16> = clip.iter().map(|byte| decode_ulaw(*byte)).collect();
            return Ok(Box::pin(stream::once(async { Ok(samples.into()) })));
        }
        if speech.text.chars().count() > limits::TTS_CHARS {
            return Err(Fault::Rejected("a sentence too long to be spoken".to_owned()));
        }
        let engine = self.clone();
        let pieces = stream::iter(lines(&speech)).then(move |line| {
            let engine = engine.clone();
            async move { engine.say(line).await }
        });
        begun(pieces).await
    }
}

#[cfg(test)]
mod tests;
