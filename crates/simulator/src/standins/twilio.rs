//! Twilio's REST API for calls and recordings (version 2010-04-01), and the desk where the simulated calls of other
//! processes report and get their orders.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Shared, placing};
use crate::{
    audio,
    call::{Answering, DialResult},
    twilio::desk::{Addressed, Known, Order},
};

const MOST_CALLS: usize = 20_000;
const MOST_RECORDINGS: usize = 5_000;
const ORDERS: usize = 4_096;

/// A recording and how often it will still be missing.
struct Kept {
    wav: Bytes,
    missing: u32,
}

pub struct Exchange {
    calls: Mutex<HashMap<String, Known>>,
    recordings: Mutex<HashMap<String, Kept>>,
    answering: Mutex<Answering>,
    orders: broadcast::Sender<Addressed>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            calls: Mutex::default(),
            recordings: Mutex::default(),
            answering: Mutex::default(),
            orders: broadcast::channel(ORDERS).0,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exchange {
    pub(super) fn put(&self, known: Known) {
        let mut calls = lock(&self.calls);
        if calls.len() >= MOST_CALLS {
            calls.retain(|_, call| call.duration_seconds.is_none());
        }
        calls.insert(known.call_sid.clone(), known);
    }

    fn call(&self, call_sid: &str) -> Option<Known> {
        lock(&self.calls).get(call_sid).cloned()
    }

    pub(super) fn answering(&self) -> Answering {
        lock(&self.answering).clone()
    }

    pub(super) fn answer_like(&self, result: DialResult, after: Duration) {
        let mut answering = lock(&self.answering);
        answering.result = result;
        if !after.is_zero() {
            answering.after = after;
        }
    }

    fn keep(&self, recording_sid: &str, wav: Bytes, missing: u32) {
        let mut recordings = lock(&self.recordings);
        if recordings.len() >= MOST_RECORDINGS {
            recordings.clear();
        }
        recordings.insert(recording_sid.to_owned(), Kept { wav, missing });
    }

    /// The recording, once it was asked for often enough.
    fn recording(&self, recording_sid: &str) -> Option<Bytes> {
        let mut recordings = lock(&self.recordings);
        let kept = recordings.get_mut(recording_sid)?;
        if kept.missing > 0 {
            kept.missing -= 1;
            return None;
        }
        Some(kept.wav.clone())
    }
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Calls.json", post(create))
        .route("/2010-04-01/Accounts/{account}/Calls/{call}", get(fetch).post(update))
        .route(
            "/2010-04-01/Accounts/{account}/Recordings/{recording}",
            get(download).delete(remove),
        )
}

/// For the simulator's own processes, and never out of order.
pub fn desk_routes() -> Router<Shared> {
    Router::new()
        .route("/_twilio/orders", get(orders))
        .route("/_twilio/calls", post(report))
        .route("/_twilio/recordings/{recording}", put(keep))
}

/// An order to place a call.
#[derive(Clone, Debug, Default)]
pub struct NewCall {
    pub to: String,
    pub from: String,
    pub url: Option<String>,
    pub twiml: Option<String>,
    pub ring_seconds: u64,
    pub status_callback: Option<String>,
    pub status_events: Vec<String>,
}

fn form(body: &Bytes) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn field(form: &[(String, String)], name: &str) -> Option<String> {
    form.iter()
        .find(|(field, value)| field == name && !value.is_empty())
        .map(|(_, value)| value.clone())
}

async fn create(Extract(state): Extract<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    let form = form(&body);
    let (Some(to), Some(from)) = (field(&form, "To"), field(&form, "From")) else {
        return problem(StatusCode::BAD_REQUEST, 21_201, "No 'To' or 'From' number is specified");
    };
    let (url, twiml) = (field(&form, "Url"), field(&form, "Twiml"));
    if url.is_none() && twiml.is_none() {
        return problem(StatusCode::BAD_REQUEST, 21_205, "Url or Twiml is required");
    }
    let new = NewCall {
        to,
        from,
        url,
        twiml,
        ring_seconds: field(&form, "Timeout")
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or(60),
        status_callback: field(&form, "StatusCallback"),
        status_events: form
            .iter()
            .filter(|(name, _)| name == "StatusCallbackEvent")
            .flat_map(|(_, events)| events.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect(),
    };
    (StatusCode::CREATED, Json(view(&placing::begin(&state, new)))).into_response()
}

async fn fetch(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, call)): Path<(String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    match state.exchange.call(call.trim_end_matches(".json")) {
        Some(known) => Json(view(&known)).into_response(),
        None => not_found(&call),
    }
}

async fn update(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, call)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    let Some(known) = state.exchange.call(call.trim_end_matches(".json")) else {
        return not_found(&call);
    };
    if known.duration_seconds.is_some() {
        return problem(
            StatusCode::BAD_REQUEST,
            21_220,
            "Call is not in-progress. Cannot redirect.",
        );
    }
    let form = form(&body);
    let order = match (
        field(&form, "Status").as_deref(),
        field(&form, "Twiml"),
        field(&form, "Url"),
    ) {
        (Some("completed" | "canceled"), _, _) => Order::HangUp,
        (_, Some(twiml), _) => Order::Twiml(twiml),
        (_, _, Some(url)) => Order::Url(url),
        _ => return problem(StatusCode::BAD_REQUEST, 21_219, "Status, Twiml or Url is required"),
    };
    // Nobody listens when the call's process is gone; Twilio, too, answers before anything has happened.
    let _ = state.exchange.orders.send(Addressed {
        call_sid: known.call_sid.clone(),
        order,
    });
    Json(view(&known)).into_response()
}

async fn download(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, recording)): Path<(String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    let (recording_sid, ending) = recording.split_once('.').unwrap_or((&recording, "wav"));
    let Some(wav) = state.exchange.recording(recording_sid) else {
        return not_found(&recording);
    };
    match ending {
        "mp3" => match encoded(wav).await {
            Ok(mp3) => ([(header::CONTENT_TYPE, "audio/mpeg")], mp3).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        },
        "wav" => ([(header::CONTENT_TYPE, "audio/x-wav")], wav).into_response(),
        _ => not_found(&recording),
    }
}

/// Encoding takes a while that other calls' frames do not have.
async fn encoded(wav: Bytes) -> anyhow::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || audio::decode(&wav).and_then(|audio| audio::mp3(&audio.samples))).await?
}

async fn remove(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, recording)): Path<(String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    let recording_sid = recording.split('.').next().unwrap_or_default();
    match lock(&state.exchange.recordings).remove(recording_sid) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found(&recording),
    }
}

async fn keep(Extract(state): Extract<Shared>, Path(recording): Path<String>, body: Bytes) -> StatusCode {
    state
        .exchange
        .keep(&recording, body, state.settings.recording_delay_requests);
    StatusCode::NO_CONTENT
}

async fn report(Extract(state): Extract<Shared>, Json(known): Json<Known>) -> StatusCode {
    state.exchange.put(known);
    StatusCode::NO_CONTENT
}

/// One line of JSON per order, as long as the process listens.
async fn orders(Extract(state): Extract<Shared>) -> Response {
    // The headers go out at once, so that whoever waits for them knows that orders arrive from now on.
    let hello = stream::iter([Ok(Bytes::from_static(b"\n"))]);
    let orders = stream::unfold(state.exchange.orders.subscribe(), |mut orders| async move {
        loop {
            match orders.recv().await {
                Ok(order) => {
                    let line = serde_json::to_string(&order).ok()? + "\n";
                    return Some((Ok::<_, Infallible>(Bytes::from(line)), orders));
                }
                // Whoever reads so slowly has lost what was ordered.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    (
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(hello.chain(orders)),
    )
        .into_response()
}

pub(super) fn refuse_stranger(state: &Shared, headers: &HeaderMap) -> Option<Response> {
    let settings = &state.settings;
    if settings.auth_token.is_empty() {
        return None;
    }
    let expected = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", settings.account_sid, settings.auth_token))
    );
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    (given != Some(expected.as_str())).then(|| problem(StatusCode::UNAUTHORIZED, 20_003, "Authenticate"))
}

pub(super) fn not_found(what: &str) -> Response {
    problem(
        StatusCode::NOT_FOUND,
        20_404,
        &format!("The requested resource {what} was not found"),
    )
}

pub(super) fn problem(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({
        "code": code, "message": message, "status": status.as_u16(),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
    });
    (status, Json(body)).into_response()
}

fn view(known: &Known) -> Value {
    json!({
        "sid": known.call_sid, "account_sid": known.account_sid, "from": known.from, "to": known.to,
        "direction": known.direction, "status": known.status, "api_version": "2010-04-01",
        "duration": known.duration_seconds.map(|seconds| seconds.to_string()),
        "uri": format!("/2010-04-01/Accounts/{}/Calls/{}.json", known.account_sid, known.call_sid),
    })
}
