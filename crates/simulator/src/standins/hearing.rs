//! The recogniser: it is told beforehand what will be said, and finds in the audio that it gets how much of it came
//! through. Silence and noise are nothing.

mod multipart;
mod words;

use std::sync::{Arc, PoisonError, RwLock};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::words::Known;
use super::Shared;
use crate::audio::{decode, duration_ms, from_mulaw};

/// More different utterances are not told to one stand-in.
const MOST_UTTERANCES: usize = 500;

/// Something that will be said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewUtterance {
    pub text: String,
    /// 8 kHz mu-law in base64.
    pub mulaw: String,
}

#[derive(Debug, Default)]
pub struct Hearing(RwLock<Vec<Arc<Known>>>);

impl Hearing {
    fn learn(&self, text: &str, samples: &[i16]) {
        let known = Known::new(text, samples);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.iter().any(|other| other.is_same(&known)) {
            return;
        }
        if all.len() >= MOST_UTTERANCES {
            all.remove(0);
        }
        all.push(Arc::new(known));
    }

    fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What was said in these samples, as far as it is known.
    pub(crate) fn recognise(&self, samples: &[i16]) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        words::recognise(samples, &known)
    }
}

pub fn routes() -> Router<Shared> {
    Router::new().route("/v1/audio/transcriptions", post(transcribe))
}

pub fn told_routes() -> Router<Shared> {
    Router::new().route("/_utterances", post(learn).delete(forget))
}

async fn learn(Extract(state): Extract<Shared>, Json(new): Json<NewUtterance>) -> StatusCode {
    match STANDARD.decode(&new.mulaw) {
        Ok(mulaw) => {
            state.ears.learn(&new.text, &from_mulaw(&mulaw));
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn forget(Extract(state): Extract<Shared>) -> StatusCode {
    state.ears.forget();
    StatusCode::NO_CONTENT
}

async fn transcribe(Extract(state): Extract<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Some(parts) = multipart::parse(content_type, &body) else {
        return refuse("the body is no multipart form");
    };
    let Some(file) = parts.iter().find(|part| part.name == "file") else {
        return refuse("file is required");
    };
    if !parts.iter().any(|part| part.name == "model") {
        return refuse("model is required");
    }
    // Away from the tasks that must send a frame every 20 ms.
    let (file, shared) = (file.content.clone(), Arc::clone(&state));
    let heard = tokio::task::spawn_blocking(move || {
        decode(&file).map(|audio| (shared.ears.recognise(&audio.samples), audio.samples.len()))
    });
    let (text, samples) = match heard.await {
        Ok(Ok(heard)) => heard,
        Ok(Err(error)) => return refuse(&format!("the file is not understood: {error:#}")),
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    tracing::debug!(ms = duration_ms(samples), text, "heard");
    let format = parts
        .iter()
        .find(|part| part.name == "response_format")
        .map_or(&b"json"[..], |part| &part.content);
    match format {
        b"text" => text.into_response(),
        b"verbose_json" => Json(json!({
            "task": "transcribe", "language": "hebrew", "text": text,
            "duration": crate::audio::to_f64(samples) / 8_000.0,
        }))
        .into_response(),
        _ => Json(json!({"text": text})).into_response(),
    }
}

fn refuse(message: &str) -> Response {
    let body = json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
