//! Text to speech by `POST /audio/speech`: OpenAI's, or a local server that speaks the same. The sound is given on
//! while it comes in.

mod wire;

use std::time::Duration;

use async_trait::async_trait;
use contracts::{
    Fault,
    audio::Pcm,
    tts::{Speech, SpeechStream, TextToSpeech},
};
use futures::stream;
use kernel::{ExposeSecret, SecretString};
use reqwest::{Method, Response, header::CONTENT_TYPE};
use tokio::time::Instant;
use url::Url;

use crate::{
    Http,
    audio::PcmBytes,
    client::{self, Effect},
    limits,
};

const PROVIDER: &str = "openai_tts";

pub const DEFAULT_MODEL: &str = "gpt-4o-mini-tts";

/// What the operator set.
pub struct Settings {
    /// With its version, for example `https://api.openai.com/v1`.
    pub base: Url,
    /// A local server may need none.
    pub key: Option<SecretString>,
    pub model: String,
    /// The voice of an agent for whom the business chose none; without it, one by gender.
    pub voice: Option<String>,
}

pub struct OpenAiTts {
    http: Http,
    settings: Settings,
}

impl OpenAiTts {
    pub const fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings }
    }

    async fn open(&self, speech: &Speech) -> Result<Response, Fault> {
        let url = client::join(&self.settings.base, "audio/speech")?;
        let chosen = speech.voice.as_deref().or(self.settings.voice.as_deref());
        let body = wire::Request {
            model: &self.settings.model,
            voice: chosen.unwrap_or_else(|| wire::voice(speech.gender)),
            input: &speech.text,
            response_format: "pcm",
        };
        let request = self.http.configured(Method::POST, url).json(&body);
        let request = match &self.settings.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        };
        let response = client::send(request, Effect::Write).await?;
        refuse_text(&response)?;
        Ok(response)
    }
}

/// Raw samples cannot be told from a page of text, so the company's word for what it sent counts.
fn refuse_text(response: &Response) -> Result<(), Fault> {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let readable = matches!(kind.as_str(), "" | "application/octet-stream" | "binary/octet-stream")
        || (kind.starts_with("audio/")
            && !matches!(kind.as_str(), "audio/mpeg" | "audio/mp3" | "audio/ogg" | "audio/opus"));
    if readable {
        Ok(())
    } else {
        Err(Fault::Unknown("an answer that is not the audio asked for".to_owned()))
    }
}

#[async_trait]
impl TextToSpeech for OpenAiTts {
    fn name(&self) -> &'static str {
        "openai"
    }

    async fn speak(&self, speech: Speech) -> Result<SpeechStream, Fault> {
        if speech.text.chars().count() > limits::TTS_CHARS {
            return Err(Fault::Rejected("a sentence too long to be spoken".to_owned()));
        }
        let began = Instant::now();
        let response = client::timed(PROVIDER, limits::TTS_FIRST, self.open(&speech)).await?;
        let reading = Reading {
            response,
            pieces: Some(PcmBytes::raw_or_wav(wire::RATE_HZ)),
            patience: limits::TTS_FIRST.saturating_sub(began.elapsed()),
        };
        Ok(Box::pin(stream::unfold(Some(reading), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(pcm)) => Some((Ok(pcm), Some(reading))),
                Ok(None) => None,
                Err(fault) => {
                    client::count_broken(PROVIDER, &fault);
                    Some((Err(fault), None))
                }
            }
        })))
    }
}

/// A sentence whose sound is coming in. Dropping it closes the connection.
struct Reading {
    response: Response,
    /// `None` once the sound is over.
    pieces: Option<PcmBytes>,
    patience: Duration,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Pcm>, Fault> {
        while let Some(pieces) = self.pieces.as_mut() {
            let received = tokio::time::timeout(self.patience, self.response.chunk())
                .await
                .map_err(|_| Fault::Unknown("the voice went silent".to_owned()))?
                .map_err(|error| client::from_transport(&error))?;
            self.patience = limits::TTS_STALL;
            let pcm = match received {
                Some(bytes) => pieces.push(&bytes)?,
                None => self
                    .pieces
                    .take()
                    .map_or_else(|| Ok(Pcm::default()), PcmBytes::finish)?,
            };
            if !pcm.0.is_empty() {
                return Ok(Some(pcm));
            }
        }
        Ok(None)
    }
}
