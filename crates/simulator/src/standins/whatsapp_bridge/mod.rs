//! Our bridge to WhatsApp Web as the server sees it: its signed HTTP both ways, without WhatsApp behind it. A repeat of a
//! message's id is the same message, as there.
//!
//! Beside what all carriers have: `PUT /_whatsapp/bridge/sessions/{business}` ([`Session`]) changes a session and tells
//! the server; `PUT /_whatsapp/bridge/strangers` names numbers that WhatsApp does not know.

mod events;
mod sessions;
mod signature;

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, State as Extract},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Shared,
    whatsapp::{self, Delivered, Letters, Loss, Memory, NewStatus, NewTrouble, Plan, Sent, Signature, Trouble, now},
};

/// A business's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    pub connected: bool,
    pub qr: Option<String>,
    pub number: Option<String>,
    /// Why it is not connected.
    pub reason: Option<String>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            connected: true,
            qr: None,
            number: Some("+97233000002".to_owned()),
            reason: None,
        }
    }
}

/// What this stand-in remembers.
#[derive(Default)]
pub struct Bridge {
    pub(super) memory: Memory,
    sessions: Mutex<HashMap<i64, Session>>,
    strangers: Mutex<HashSet<String>>,
    replays: Mutex<HashSet<String>>,
    typing: Mutex<Vec<Value>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bridge {
    /// What it took, the oldest first; each message once.
    pub fn sent(&self) -> Vec<Sent> {
        self.memory.sent()
    }

    pub fn plan(&self, plan: Plan) {
        self.memory.set_plan(plan);
    }

    pub fn trouble(&self, trouble: Trouble, times: usize) {
        self.memory.troubles.put(&NewTrouble { trouble, times });
    }

    pub fn lose(&self, file: &str, loss: Loss) -> bool {
        self.memory.lose(file, loss)
    }

    pub fn session(&self, business: i64) -> Session {
        lock(&self.sessions).get(&business).cloned().unwrap_or_default()
    }

    pub fn set_session(&self, business: i64, session: Session) {
        lock(&self.sessions).insert(business, session);
    }

    /// WhatsApp does not know this number.
    pub fn stranger(&self, number: &str) {
        lock(&self.strangers).insert(number.to_owned());
    }

    /// «Is typing» as it was asked for.
    pub fn typing(&self) -> Vec<Value> {
        lock(&self.typing).clone()
    }
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sessions/{business}/send", post(send))
        .route("/sessions/{business}/messages/{id}", get(message))
        .route("/sessions/{business}/status", get(sessions::status))
        .route("/sessions/{business}/qr", get(sessions::qr))
        .route("/sessions/{business}/pair", post(sessions::pair))
        .route("/sessions/{business}/logout", post(sessions::logout))
        .route("/sessions/{business}/on_whatsapp", get(sessions::on_whatsapp))
        .route("/sessions/{business}/presence", post(sessions::presence))
        .route("/media/{file}", get(file))
}

pub(super) fn control_routes() -> Router<Shared> {
    whatsapp::steering("bridge", |state| &state.whatsapp_bridge.memory)
        .route("/_whatsapp/bridge", delete(forget))
        .route("/_whatsapp/bridge/inbound/{business}", post(inbound))
        .route("/_whatsapp/bridge/status/{business}", post(status))
        .route("/_whatsapp/bridge/sessions/{business}", put(sessions::change))
        .route("/_whatsapp/bridge/strangers", put(strangers))
}

fn problem(status: StatusCode, word: &str) -> Response {
    (status, Json(json!({ "error": word }))).into_response()
}

async fn send(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path(business): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::POST, &uri, &headers, &body) {
        return refused;
    }
    let trouble = state.whatsapp_bridge.memory.troubles.next();
    match trouble {
        Some(Trouble::Refuse { code, status }) => return problem(whatsapp::status_of(status), &code),
        Some(Trouble::Limit { retry_after }) => return busy(retry_after),
        Some(trouble) if !trouble.taken() => return trouble.end().await,
        _ => {}
    }
    let Some(sent) = read(&body) else {
        return problem(StatusCode::BAD_REQUEST, "invalid_message");
    };
    if let Some(before) = state.whatsapp_bridge.memory.find(&sent.id) {
        return Json(json!({ "id": before.id, "status": before.status, "code": before.code })).into_response();
    }
    let session = state.whatsapp_bridge.session(business);
    if !session.connected {
        let word = session.reason.filter(|reason| reason == "logged_out");
        return problem(StatusCode::CONFLICT, word.as_deref().unwrap_or("not_connected"));
    }
    if lock(&state.whatsapp_bridge.strangers).contains(&sent.to) {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "not_on_whatsapp");
    }
    let plan = state.whatsapp_bridge.memory.plan();
    let answer = json!({ "id": sent.id, "status": sent.status });
    state.whatsapp_bridge.memory.take(sent.clone());
    if plan.early {
        follow(state, business, sent.id, plan).await;
    } else {
        tokio::spawn(follow(state, business, sent.id, plan));
    }
    match trouble {
        Some(trouble) => trouble.end().await,
        None => Json(answer).into_response(),
    }
}

fn busy(retry_after: Option<u64>) -> Response {
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, "busy");
    if let Some(value) = retry_after.and_then(|seconds| seconds.to_string().parse().ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

/// `{id, to, kind, text?, media_url?, mime_type?, file_name?, caption?, reply_to?}`
fn read(body: &[u8]) -> Option<Sent> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").filter(|id| !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric()))?;
    let to = text("to").filter(|to| to.starts_with('+') || to.ends_with("@lid"))?;
    let said = match text("kind")?.as_str() {
        "text" => Some(text("text").filter(|text| !text.is_empty())?),
        "image" | "video" | "audio" | "voice" | "document" | "sticker" => {
            text("media_url")?;
            text("caption")
        }
        _ => return None,
    };
    Some(Sent {
        client_id: Some(id.clone()),
        id,
        from: String::new(),
        to,
        text: said,
        media_url: text("media_url"),
        template: None,
        reply_to: text("reply_to"),
        status: "sending".to_owned(),
        code: None,
        status_callback: None,
        at: now(),
        request,
    })
}

async fn follow(state: Shared, business: i64, id: String, plan: Plan) {
    for status in &plan.statuses {
        if plan.delay_ms > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(plan.delay_ms)).await;
        }
        let code = plan.code.filter(|_| status == "failed");
        tell(&state, business, &id, status, code, plan.copies).await;
    }
}

async fn tell(
    state: &Shared,
    business: i64,
    id: &str,
    status: &str,
    code: Option<u64>,
    copies: usize,
) -> Vec<Delivered> {
    state.whatsapp_bridge.memory.becomes(id, status, code);
    let data = json!({ "id": id, "status": status, "code": code, "timestamp": now() });
    events::deliver(state, business, "status", &data, (copies, Signature::Good)).await
}

async fn message(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path((_, id)): Path<(i64, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::GET, &uri, &headers, b"") {
        return refused;
    }
    let found = state.whatsapp_bridge.memory.find(&id);
    let status = found.map_or_else(|| "none".to_owned(), |sent| sent.status);
    Json(json!({ "id": id, "status": status })).into_response()
}

/// The address itself is the permission.
async fn file(Extract(state): Extract<Shared>, Path(file): Path<String>) -> Response {
    match state.whatsapp_bridge.memory.file(&file) {
        Some(kept) => ([(header::CONTENT_TYPE, kept.mime_type.clone())], kept.given()).into_response(),
        None => StatusCode::GONE.into_response(),
    }
}

async fn forget(Extract(state): Extract<Shared>) -> StatusCode {
    state.whatsapp_bridge.memory.forget();
    lock(&state.whatsapp_bridge.sessions).clear();
    lock(&state.whatsapp_bridge.strangers).clear();
    lock(&state.whatsapp_bridge.typing).clear();
    StatusCode::NO_CONTENT
}

async fn strangers(Extract(state): Extract<Shared>, Json(numbers): Json<HashSet<String>>) -> StatusCode {
    *lock(&state.whatsapp_bridge.strangers) = numbers;
    StatusCode::NO_CONTENT
}

async fn status(Extract(state): Extract<Shared>, Path(business): Path<i64>, Json(new): Json<NewStatus>) -> Json<Value> {
    let deliveries = tell(&state, business, &new.id, &new.status, new.code, new.copies).await;
    Json(json!({ "id": new.id, "deliveries": deliveries }))
}

/// Each letter is an event of its own.
async fn inbound(Extract(state): Extract<Shared>, Path(business): Path<i64>, Json(letters): Json<Letters>) -> Response {
    if state.settings.server.is_none() {
        return (StatusCode::CONFLICT, "the stand-ins know no server").into_response();
    }
    let mut told = Vec::new();
    for letter in letters.into_vec() {
        let id = letter.id.clone().unwrap_or_else(events::message_id);
        let file = letter.file.as_ref().map(|file| {
            let name = hex::encode(rand::random::<[u8; 16]>());
            state.whatsapp_bridge.memory.keep(&name, file);
            name
        });
        let data = events::message(&state, &letter, &id, file.as_deref());
        let deliveries = events::deliver(&state, business, "message", &data, (letter.copies, letter.signature)).await;
        told.push(json!({ "id": id, "file": file, "deliveries": deliveries }));
    }
    Json(told).into_response()
}
