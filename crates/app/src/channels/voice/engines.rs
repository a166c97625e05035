//! What answers calls here, so that the app can say what is missing.

use axum::{Json, extract::State};
use platform::http::ApiError;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::media::engines::health::Kind;
use crate::{App, AppState, accounts::sessions::Caller};

/// The voice that comes with the program, by the name that `TTS_ORDER` has for it.
const EMBEDDED_VOICE: &str = "espeak";

/// An engine of one kind, in the order in which they are tried.
#[derive(Serialize, ToSchema)]
#[schema(as = Engine)]
pub struct EngineView {
    pub name: &'static str,
    /// False while it is left out because it kept failing.
    pub usable: bool,
}

/// The engines of calls, and what else of the server a call by phone needs.
#[derive(Serialize, ToSchema)]
#[schema(as = Engines)]
pub struct EnginesView {
    pub stt: Vec<EngineView>,
    pub llm: Vec<EngineView>,
    pub tts: Vec<EngineView>,
    /// Only the embedded voice speaks: fixed sentences, and words of people as well as it can.
    pub basic_voice_only: bool,
    /// Someone puts callers' words into text.
    pub transcribes: bool,
    /// A phone call can be a conversation: the phone company reaches the server's media socket. Otherwise callers leave
    /// a message.
    pub converses: bool,
    /// The server has an account with a phone company.
    pub telephony: bool,
}

/// Which engines answer calls, and whether they can be used now.
#[utoipa::path(get, path = "/api/voice/engines", responses((status = 200, body = EnginesView)))]
pub(super) async fn engines(State(app): State<AppState>, caller: Caller) -> Result<Json<EnginesView>, ApiError> {
    caller.own()?;
    Ok(Json(now(&app)))
}

/// How the engines of this process are doing.
pub fn now(app: &App) -> EnginesView {
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
    EnginesView {
        basic_voice_only: !tts.iter().any(|engine| engine.usable && engine.name != EMBEDDED_VOICE),
        transcribes: stt.iter().any(|engine| engine.usable),
        converses: app.voice.origin.is_some(),
        telephony: app.telephony.is_some(),
        stt,
        llm,
        tts,
    }
}
