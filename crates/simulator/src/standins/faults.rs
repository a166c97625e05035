//! How an engine fails when it is told to.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State as Extract},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::Shared;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    Stt,
    Llm,
    Tts,
    Gtts,
    Twilio,
    WhatsappTwilio,
    WhatsappMeta,
    WhatsappBridge,
    /// Whoever is called by a placed call.
    Phone,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Ok,
    /// 503 at once.
    Down,
    /// Answers after ten seconds, or after `delay_ms` when that is set.
    Slow,
    /// 200 with something that is no answer.
    Rubbish,
    /// The connection breaks in the middle of the answer.
    Reset,
    Http500,
}

/// What is wrong with one engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub mode: Mode,
    /// Waited before every answer, whatever the mode.
    pub delay_ms: u64,
}

const SLOW: Duration = Duration::from_secs(10);

/// The present state of all engines.
#[derive(Debug, Default)]
pub struct Faults(RwLock<HashMap<Engine, Fault>>);

impl Faults {
    pub fn of(&self, engine: Engine) -> Fault {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&engine)
            .copied()
            .unwrap_or_default()
    }

    pub fn set(&self, engine: Engine, fault: Fault) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(engine, fault);
    }

    pub fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Lets a request through, late or not at all.
pub async fn gate(Extract((state, engine)): Extract<(Shared, Engine)>, request: Request, next: Next) -> Response {
    let fault = state.faults.of(engine);
    let wait = match (fault.mode, fault.delay_ms) {
        (Mode::Slow, 0) => SLOW,
        (_, ms) => Duration::from_millis(ms),
    };
    if !wait.is_zero() {
        sleep(wait).await;
    }
    match fault.mode {
        Mode::Ok | Mode::Slow => next.run(request).await,
        Mode::Down => (StatusCode::SERVICE_UNAVAILABLE, "down").into_response(),
        Mode::Http500 => (StatusCode::INTERNAL_SERVER_ERROR, r#"{"error":{"message":"broken"}}"#).into_response(),
        Mode::Rubbish => rubbish(engine),
        Mode::Reset => reset(),
    }
}

fn rubbish(engine: Engine) -> Response {
    let (kind, body) = match engine {
        Engine::Stt => ("application/json", r#"{"unexpected":[1,2,3]}"#),
        Engine::Llm => (
            "text/event-stream",
            "data: {\"choices\":[{\"delta\":{\"conte\n\ndata: <html>\n\n",
        ),
        _ => ("text/html", "<html><body>Welcome to our new home page</body></html>"),
    };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// Promises a long answer and breaks off.
fn reset() -> Response {
    let broken = stream::iter([Ok("{"), Err(std::io::Error::other("reset on purpose"))]);
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(broken)).into_response()
}
