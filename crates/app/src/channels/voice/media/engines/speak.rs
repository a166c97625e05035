//! From a sentence to mu-law, with the voices in their order, a cache, and the bundled clip as the last resort.

use bytes::Bytes;
use contracts::{
    Fault,
    audio::Pcm,
    tts::{Speech, SpeechStream, TextToSpeech},
};
use conversation::call::SpeechId;
use futures::StreamExt;
use moka::future::Cache as Store;

use super::{
    Line, Told, Why,
    health::{Kind, order},
    within,
};
use crate::channels::voice::media::codec;

/// All cached sentences together.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// Longer sentences hardly come again.
const CACHED_CHARS: usize = 160;
/// Shorter audio is no sentence.
const LEAST_BYTES: usize = 800;
/// One sentence: a minute.
const MOST_BYTES: usize = 60 * 8_000;
/// A level under which a voice has said nothing.
const AUDIBLE: i16 = 100;

/// Sentences that were spoken before, as mu-law, by everything that makes them sound as they do.
pub struct Cache(Store<Speech, Bytes>);

impl Cache {
    pub fn new() -> Self {
        let store = Store::builder()
            .weigher(|speech: &Speech, audio: &Bytes| {
                u32::try_from(audio.len() + speech.text.len() + 128).unwrap_or(u32::MAX)
            })
            .max_capacity(CACHE_BYTES)
            .build();
        Self(store)
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

/// Speaks a sentence.
pub async fn speak(line: Line, speech: SpeechId, what: Speech) {
    if let Some(audio) = line.studio.cache.0.get(&what).await {
        line.tell(Told::Audio { speech, audio }).await;
        line.tell(Told::Spoken { speech }).await;
        return;
    }
    let studio = line.studio.clone();
    let voices = order(&studio.health, Kind::Voice, &studio.engines.tts, TextToSpeech::name);
    for (place, engine) in voices.iter().enumerate() {
        let name = engine.name();
        match begin(&line, &**engine, what.clone()).await {
            Ok((first, rest)) => {
                studio.health.succeeded(Kind::Voice, name);
                match pass_on(&line, speech, first, rest).await {
                    // Only the voice that was wanted is kept: the next call may get a better one.
                    Ok(audio) if place == 0 => keep(&line, what, audio).await,
                    Ok(_) => {}
                    Err(why) => studio.failed(Kind::Voice, name, &why),
                }
                line.tell(Told::Spoken { speech }).await;
                return;
            }
            Err(why) => studio.failed(Kind::Voice, name, &why),
        }
    }
    speak_clip(&line, speech, what.clip).await;
}

async fn speak_clip(line: &Line, speech: SpeechId, clip: Option<&'static [u8]>) {
    match clip.filter(|clip| clip.len() >= LEAST_BYTES) {
        Some(clip) => {
            let audio = Bytes::from_static(clip);
            line.tell(Told::Audio { speech, audio }).await;
            line.tell(Told::Spoken { speech }).await;
        }
        None => line.tell(Told::Silent { speech }).await,
    }
}

/// Waits for the first audio. A voice whose whole answer is silence has not spoken.
async fn begin(line: &Line, engine: &dyn TextToSpeech, what: Speech) -> Result<(Pcm, SpeechStream), Why> {
    let asked = async {
        let mut stream = engine.speak(what).await?;
        while let Some(piece) = stream.next().await.transpose()? {
            if piece.0.iter().any(|sample| sample.saturating_abs() > AUDIBLE) {
                return Ok((piece, stream));
            }
        }
        Err(Fault::Unknown("it said nothing audible".to_owned()))
    };
    within(line.studio.deadlines.first_audio, asked).await
}

/// Passes audio on, and gives all of it when it came to its end.
async fn pass_on(line: &Line, speech: SpeechId, first: Pcm, mut rest: SpeechStream) -> Result<Vec<u8>, Why> {
    let mut whole = Vec::new();
    let mut next = Some(first);
    while let Some(piece) = next {
        let encoded = codec::encode_all(&piece.0);
        whole.extend_from_slice(&encoded);
        let audio = Bytes::from(encoded);
        line.tell(Told::Audio { speech, audio }).await;
        if whole.len() >= MOST_BYTES {
            return Err(Why::Fault(Fault::Unknown("it does not end".to_owned())));
        }
        let following = async { rest.next().await.transpose() };
        next = within(line.studio.deadlines.next_audio, following).await?;
    }
    Ok(whole)
}

async fn keep(line: &Line, what: Speech, audio: Vec<u8>) {
    if what.text.chars().count() <= CACHED_CHARS && audio.len() >= LEAST_BYTES {
        line.studio.cache.0.insert(what, Bytes::from(audio)).await;
    }
}
