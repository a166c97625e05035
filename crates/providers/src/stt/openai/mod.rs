//! Speech to text by `POST /audio/transcriptions`: OpenAI's Whisper, or a local server that speaks the same.

mod wire;

use std::time::Duration;

use async_trait::async_trait;
use contracts::{
    Fault,
    audio::Pcm,
    stt::{SpeechToText, Transcript, Utterance},
};
use kernel::{ExposeSecret, SecretString};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use url::Url;

use crate::{
    Http,
    audio::encode_wav,
    client::{self, Effect},
    limits,
};

const PROVIDER: &str = "openai_stt";

pub const DEFAULT_MODEL: &str = "whisper-1";

/// What the operator set.
pub struct Settings {
    /// With its version, for example `https://api.openai.com/v1`.
    pub base: Url,
    /// A local server may need none.
    pub key: Option<SecretString>,
    pub model: String,
}

pub struct OpenAiStt {
    http: Http,
    settings: Settings,
}

impl OpenAiStt {
    pub const fn new(http: Http, settings: Settings) -> Self {
        Self { http, settings }
    }

    async fn ask(&self, utterance: Utterance) -> Result<Transcript, Fault> {
        let url = client::join(&self.settings.base, "audio/transcriptions")?;
        let request = self
            .http
            .configured(Method::POST, url)
            .multipart(self.form(&utterance)?);
        let request = match &self.settings.key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        };
        // Nothing is changed by recognising the same audio twice.
        let response = client::send(request, Effect::Read).await?;
        let answer: wire::Transcription = client::json(response).await?;
        Ok(answer.into())
    }

    fn form(&self, utterance: &Utterance) -> Result<Form, Fault> {
        let file = Part::bytes(encode_wav(&utterance.audio)?)
            .file_name("utterance.wav")
            .mime_str("audio/wav")
            .map_err(|_| Fault::Rejected("audio that cannot be sent".to_owned()))?;
        let mut form = Form::new()
            .part("file", file)
            .text("model", self.settings.model.clone())
            .text("response_format", "json")
            .text("language", wire::language(&utterance.language));
        if let Some(hint) = &utterance.hint {
            form = form.text("prompt", hint.clone());
        }
        Ok(form)
    }
}

#[async_trait]
impl SpeechToText for OpenAiStt {
    fn name(&self) -> &'static str {
        "openai"
    }

    async fn transcribe(&self, utterance: Utterance) -> Result<Transcript, Fault> {
        if utterance.audio.duration_ms() < limits::STT_SHORTEST_MS {
            return Ok(Transcript::default());
        }
        client::timed(PROVIDER, deadline(&utterance.audio), self.ask(utterance)).await
    }
}

/// Longer audio takes longer: a whole recording is recognised by the same engine as an utterance.
fn deadline(audio: &Pcm) -> Duration {
    limits::STT + Duration::from_millis(audio.duration_ms()) / limits::STT_SPEED
}
