//! gTTS: the public voice of Google Translate, without a key. Made known by the gTTS project: `GET /translate_tts` gives
//! an MP3 for up to 200 characters. It promises nothing, has one voice per language, and may refuse at any time.

mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use contracts::{
    Fault,
    audio::Pcm,
    tts::{Speech, SpeechStream, TextToSpeech},
};
use futures::{StreamExt, stream};
use reqwest::Method;
use url::Url;

use super::{begun::begun, split::split};
use crate::{
    Http,
    audio::decode_mp3,
    client::{self, Effect},
    limits,
};

const PROVIDER: &str = "gtts";

pub const DEFAULT_BASE: &str = "https://translate.google.com";

/// One piece is fetched while the one before it is being heard.
const AHEAD: usize = 2;

#[derive(Clone)]
pub struct Gtts {
    http: Http,
    base: Url,
}

impl Gtts {
    pub const fn new(http: Http, base: Url) -> Self {
        Self { http, base }
    }

    async fn piece(self, text: String, language: String) -> Result<Pcm, Fault> {
        let fetched = client::timed(
            PROVIDER,
            limits::GTTS,
            client::with_retries(limits::SPEECH_RETRIES, || self.fetch(&text, &language)),
        );
        let mp3 = fetched.await?;
        // Decoding takes milliseconds of a processor, which a call's task does not have.
        tokio::task::spawn_blocking(move || decode_mp3(mp3))
            .await
            .map_err(|_| Fault::Unknown("audio that cannot be decoded".to_owned()))?
    }

    async fn fetch(&self, text: &str, language: &str) -> Result<Bytes, Fault> {
        let mut url = client::join(&self.base, "translate_tts")?;
        wire::write_query(&mut url, text, language);
        let response = client::send(self.http.configured(Method::GET, url), Effect::Read).await?;
        client::body(response, limits::GTTS_BYTES).await
    }
}

#[async_trait]
impl TextToSpeech for Gtts {
    fn name(&self) -> &'static str {
        "gtts"
    }

    async fn speak(&self, speech: Speech) -> Result<SpeechStream, Fault> {
        if speech.text.chars().count() > limits::TTS_CHARS {
            return Err(Fault::Rejected("a sentence too long to be spoken".to_owned()));
        }
        let language = wire::language(&speech.language);
        let texts = split(&speech.text, limits::GTTS_CHARS);
        let engine = self.clone();
        let pieces = stream::iter(texts)
            .map(move |text| engine.clone().piece(text, language.clone()))
            .buffered(AHEAD);
        begun(pieces).await
    }
}
