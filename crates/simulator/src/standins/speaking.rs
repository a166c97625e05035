//! The synthesisers: `POST /v1/audio/speech` and Google Translate's `GET /translate_tts`.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Query, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::stream;
use serde::Deserialize;
use serde_json::json;

use super::{Shared, voice::phonemes};
use crate::audio::{self, RATE_HZ, Voice, tone_speech};

/// What OpenAI's `pcm` is.
const PCM_RATE_HZ: u32 = 24_000;
/// 100 ms of that.
const PIECE_BYTES: usize = 4_800;
const MOST_KEPT: usize = 500;
const MOST_CHARACTERS: usize = 4_096;
const MOST_GTTS_CHARACTERS: usize = 200;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VoiceKind {
    /// espeak-ng where it is installed, else humming.
    #[default]
    Spoken,
    /// Humming that costs nothing, for load.
    Tones,
}

impl std::str::FromStr for VoiceKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "spoken" => Ok(Self::Spoken),
            "tones" => Ok(Self::Tones),
            other => Err(format!("{other} is neither spoken nor tones")),
        }
    }
}

#[derive(Debug)]
pub struct Mouth {
    kind: VoiceKind,
    /// Raw samples by text, so that the same sentence costs once.
    kept: Mutex<HashMap<String, Bytes>>,
}

impl Mouth {
    pub fn new(kind: VoiceKind) -> Self {
        Self {
            kind,
            kept: Mutex::default(),
        }
    }

    /// 16 bit little-endian samples at 24 kHz.
    async fn pcm(&self, text: &str) -> Bytes {
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return kept.clone();
        }
        let samples = self.say(text).await;
        let bytes: Bytes = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), bytes.clone());
        bytes
    }

    async fn say(&self, text: &str) -> Vec<i16> {
        if self.kind == VoiceKind::Spoken {
            match audio::speak(&phonemes(text), Voice::AGENT, PCM_RATE_HZ).await {
                Ok(samples) => return samples,
                Err(error) => tracing::debug!(%error, "no espeak-ng: the stand-in hums"),
            }
        }
        let text = text.to_owned();
        tokio::task::spawn_blocking(move || tone_speech(&text, PCM_RATE_HZ))
            .await
            .unwrap_or_default()
    }
}

pub fn openai_routes() -> Router<Shared> {
    Router::new().route("/v1/audio/speech", post(speech))
}

pub fn gtts_routes() -> Router<Shared> {
    Router::new().route("/translate_tts", get(translate))
}

#[derive(Deserialize)]
struct Wanted {
    model: String,
    input: String,
    voice: String,
    #[serde(default)]
    response_format: Option<String>,
}

async fn speech(Extract(state): Extract<Shared>, Json(wanted): Json<Wanted>) -> Response {
    if wanted.model.is_empty() || wanted.voice.is_empty() || wanted.input.chars().count() > MOST_CHARACTERS {
        let error = json!({"error": {"message": "model, voice and an input of at most 4096 characters are required"}});
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let pcm = state.mouth.pcm(&wanted.input).await;
    match wanted.response_format.as_deref().unwrap_or("mp3") {
        "pcm" => ([(header::CONTENT_TYPE, "audio/pcm")], pieces(pcm)).into_response(),
        "wav" => file("audio/wav", audio::mono(&samples(&pcm), PCM_RATE_HZ)),
        "mp3" => file("audio/mpeg", mp3(pcm).await),
        other => (
            StatusCode::BAD_REQUEST,
            format!("response_format {other} is not spoken here"),
        )
            .into_response(),
    }
}

/// The sound as it is made, piece after piece.
fn pieces(pcm: Bytes) -> Body {
    Body::from_stream(stream::unfold(pcm, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(PIECE_BYTES.min(rest.len()));
        Some((Ok::<_, Infallible>(piece), rest))
    }))
}

fn samples(pcm: &Bytes) -> Vec<i16> {
    let (pairs, _) = pcm.as_chunks::<2>();
    pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

async fn mp3(pcm: Bytes) -> anyhow::Result<Vec<u8>> {
    let encode = move || audio::mp3(&audio::resample(&samples(&pcm), PCM_RATE_HZ, RATE_HZ));
    tokio::task::spawn_blocking(encode).await?
}

fn file(kind: &'static str, bytes: anyhow::Result<Vec<u8>>) -> Response {
    match bytes {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
struct Translate {
    q: String,
    tl: String,
    client: String,
}

async fn translate(Extract(state): Extract<Shared>, Query(wanted): Query<Translate>) -> Response {
    if wanted.client != "tw-ob" || wanted.tl.is_empty() {
        return StatusCode::FORBIDDEN.into_response();
    }
    if wanted.q.trim().is_empty() || wanted.q.chars().count() > MOST_GTTS_CHARACTERS {
        return StatusCode::BAD_REQUEST.into_response();
    }
    file("audio/mpeg", mp3(state.mouth.pcm(&wanted.q).await).await)
}
