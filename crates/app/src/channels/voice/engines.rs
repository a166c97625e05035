//! Which engines answer calls here, so that the app can say when only the basic voice does.

use axum::{Json, extract::State};
use platform::http::ApiError;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::media::engines::health::Kind;
use crate::{AppState, accounts::sessions::Caller};

/// The voice that comes with the program, by the name that `TTS_ORDER` has for it.
const EMBEDDED_VOICE: &str = "espeak";

/// An engine of one kind, in the order in which they are tried.
#[derive(Serialize, ToSchema)]
#[schema(as = Engine)]
pub(super) struct EngineView {
    name: &'static str,
    /// False while it is left out because it kept failing.
    usable: bool,
}

/// The engines of calls.
#[derive(Serialize, ToSchema)]
#[schema(as = Engines)]
pub(super) struct EnginesView {
    stt: Vec<EngineView>,
    llm: Vec<EngineView>,
    tts: Vec<EngineView>,
    /// Only the embedded voice speaks: fixed sentences, and words of people as well as it can.
    basic_voice_only: bool,
    /// Someone puts callers' words into text.
    transcribes: bool,
}

/// Which engines answer calls, and whether they can be used now.
#[utoipa::path(get, path = "/api/voice/engines", responses((status = 200, body = EnginesView)))]
pub(super) async fn engines(State(app): State<AppState>, caller: Caller) -> Result<Json<EnginesView>, ApiError> {
    caller.own()?;
    let (health, now) = (&app.media.studio.health, Instant::now());
    let view = |kind: Kind, name: &'static str| EngineView {
        name,
        usable: !health.is_left_out(kind, name, now),
    };
    let stt: Vec<_> = app
        .engines
        .stt
        .iter()
        .map(|engine| view(Kind::Recogniser, engine.name()))
        .collect();
    let llm: Vec<_> = app
        .engines
        .llm
        .iter()
        .map(|engine| view(Kind::Model, engine.name()))
        .collect();
    let tts: Vec<_> = app
        .engines
        .tts
        .iter()
        .map(|engine| view(Kind::Voice, engine.name()))
        .collect();
    Ok(Json(EnginesView {
        basic_voice_only: !tts.iter().any(|engine| engine.usable && engine.name != EMBEDDED_VOICE),
        transcribes: stt.iter().any(|engine| engine.usable),
        stt,
        llm,
        tts,
    }))
}
