//! `POST /_control {engine, mode, delay_ms}` changes one engine, `GET /_control` shows all, `DELETE` makes all well.

use std::time::Duration;

use axum::{Json, Router, extract::State as Extract, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Shared,
    faults::{Engine, Fault, Mode},
};
use crate::call::DialResult;

/// The change that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub engine: Engine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    #[serde(default)]
    pub delay_ms: u64,
    /// For the engine `phone`: how those react whom the server calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<DialResult>,
}

pub fn routes() -> Router<Shared> {
    Router::new().route("/_control", post(change).get(show).delete(reset))
}

async fn change(Extract(state): Extract<Shared>, Json(change): Json<Change>) -> Json<Value> {
    if change.engine == Engine::Phone {
        let after = Duration::from_millis(change.delay_ms);
        state.exchange.answer_like(change.answers.unwrap_or_default(), after);
    } else {
        let fault = Fault {
            mode: change.mode.unwrap_or_default(),
            delay_ms: change.delay_ms,
        };
        state.faults.set(change.engine, fault);
    }
    tracing::info!(?change, "a stand-in changes");
    Json(json!({"ok": true}))
}

async fn show(Extract(state): Extract<Shared>) -> Json<Value> {
    let of = |engine| json!(state.faults.of(engine));
    Json(json!({
        "stt": of(Engine::Stt), "llm": of(Engine::Llm), "tts": of(Engine::Tts),
        "gtts": of(Engine::Gtts), "twilio": of(Engine::Twilio), "whatsapp_twilio": of(Engine::WhatsappTwilio),
        "whatsapp_meta": of(Engine::WhatsappMeta), "whatsapp_bridge": of(Engine::WhatsappBridge),
    }))
}

async fn reset(Extract(state): Extract<Shared>) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}
