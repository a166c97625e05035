//! Meta's Cloud API below `/graph` (the setting `META_API_BASE`), its webhooks, and people who write to the number.
//!
//! Requests are checked as the Graph API checks them; what it takes it tells about by signed webhooks, in which several
//! messages and statuses may stand. A file's id gives an address that asks for the same key.

mod answer;
mod check;
mod hooks;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use self::answer::problem;
use super::{
    Shared,
    whatsapp::{
        self, Delivered, Letter, Letters, Loss, Memory, NewStatus, NewTrouble, Plan, Sent, Signature, Trouble, now,
        signed,
    },
};

/// Where the vendor's console says that webhooks are posted to.
const INBOUND_PATH: &str = "/webhook/whatsapp/meta";

/// One number of a WhatsApp Business account.
#[derive(Clone, Debug)]
pub struct Account {
    pub phone_number_id: String,
    pub number: String,
    /// The bearer; any is good when it is empty.
    pub token: String,
    /// Signs the webhooks.
    pub app_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            phone_number_id: "106540352242922".to_owned(),
            number: "+97233000001".to_owned(),
            token: String::new(),
            app_secret: "the app secret of the stand-in of Meta".to_owned(),
        }
    }
}

/// What this stand-in remembers.
#[derive(Default)]
pub struct CloudApi {
    pub(super) memory: Memory,
}

impl CloudApi {
    /// What it took, the oldest first.
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
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/graph/{version}/{number}/messages", post(send))
        .route("/graph/{version}/{media}", get(place))
        .route("/_meta/files/{media}", get(file))
}

pub(super) fn control_routes() -> Router<Shared> {
    whatsapp::steering("meta", |state| &state.whatsapp_meta.memory)
        .route("/_whatsapp/meta", delete(forget))
        .route("/_whatsapp/meta/inbound", post(inbound))
        .route("/_whatsapp/meta/batch", post(batch))
        .route("/_whatsapp/meta/status", post(status))
}

async fn send(
    Extract(state): Extract<Shared>,
    Path((_, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    let trouble = state.whatsapp_meta.memory.troubles.next();
    match trouble {
        Some(Trouble::Refuse { code, status }) => {
            return problem(
                whatsapp::status_of(status),
                code.parse().unwrap_or(0),
                "Refused on purpose",
            );
        }
        Some(Trouble::Limit { retry_after }) => return answer::limited(retry_after),
        Some(trouble) if !trouble.taken() => return trouble.end().await,
        _ => {}
    }
    let sent = match check::read(&state, &number, &body) {
        Ok(sent) => sent,
        Err((code, message)) => return problem(StatusCode::BAD_REQUEST, code, message),
    };
    let plan = state.whatsapp_meta.memory.plan();
    let plan = match check::outside_window(&state, &sent, plan.window) {
        Some(true) => return problem(StatusCode::BAD_REQUEST, 131_047, "Re-engagement message"),
        Some(false) => plan.failing(131_047),
        None => plan,
    };
    let taken = answer::taken(&sent);
    state.whatsapp_meta.memory.take(sent.clone());
    if plan.early {
        follow(state, sent, plan).await;
    } else {
        tokio::spawn(follow(state, sent, plan));
    }
    match trouble {
        Some(trouble) => trouble.end().await,
        None => Json(taken).into_response(),
    }
}

/// Tells what becomes of a message.
async fn follow(state: Shared, sent: Sent, plan: Plan) {
    for status in &plan.statuses {
        if plan.delay_ms > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(plan.delay_ms)).await;
        }
        let code = plan.code.filter(|_| status == "failed");
        tell(&state, &sent.id, status, code, plan.copies).await;
    }
}

async fn tell(state: &Shared, id: &str, status: &str, code: Option<u64>, copies: usize) -> Vec<Delivered> {
    let Some(sent) = state.whatsapp_meta.memory.becomes(id, status, code) else {
        return Vec::new();
    };
    let body = hooks::envelope(state, "", &[], &[], &[hooks::status(&sent, status, code)]);
    deliver(state, &body, copies, Signature::Good).await
}

/// Posts a webhook as Meta signs it: over the bytes of the body.
async fn deliver(state: &Shared, body: &Value, copies: usize, how: Signature) -> Vec<Delivered> {
    let settings = &state.settings;
    let Some(url) = settings
        .server
        .as_ref()
        .and_then(|server| server.join(INBOUND_PATH).ok())
    else {
        return Vec::new();
    };
    let body = body.to_string();
    let signature = match how {
        Signature::Bad => signed("another secret", body.as_bytes()),
        _ => signed(&settings.meta.app_secret, body.as_bytes()),
    };
    let posting = (0..copies.max(1)).map(|_| {
        let headers = match how {
            Signature::Missing => Vec::new(),
            _ => vec![("x-hub-signature-256", signature.clone())],
        };
        whatsapp::post(&state.http, url.clone(), "application/json", headers, body.clone())
    });
    futures::future::join_all(posting).await
}

fn refuse_stranger(state: &Shared, headers: &HeaderMap) -> Option<Response> {
    let token = &state.settings.meta.token;
    if token.is_empty() {
        return None;
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let expected = format!("Bearer {token}");
    (given != Some(expected.as_str())).then(|| {
        problem(
            StatusCode::UNAUTHORIZED,
            190,
            "Invalid OAuth access token - Cannot parse access token",
        )
    })
}

async fn place(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, media)): Path<(String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    match state.whatsapp_meta.memory.file(&media) {
        Some(kept) => Json(answer::place(&state, &media, &kept)).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            100,
            "Unsupported get request. Object does not exist",
        ),
    }
}

async fn file(Extract(state): Extract<Shared>, headers: HeaderMap, Path(media): Path<String>) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    match state.whatsapp_meta.memory.file(&media) {
        Some(kept) => ([(header::CONTENT_TYPE, kept.mime_type.clone())], kept.given()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn forget(Extract(state): Extract<Shared>) -> StatusCode {
    state.whatsapp_meta.memory.forget();
    StatusCode::NO_CONTENT
}

async fn status(Extract(state): Extract<Shared>, Json(new): Json<NewStatus>) -> Json<Value> {
    let id = state.whatsapp_meta.memory.find(&new.id).map_or(new.id, |sent| sent.id);
    let deliveries = tell(&state, &id, &new.status, new.code, new.copies).await;
    Json(json!({ "id": id, "deliveries": deliveries }))
}

/// All letters in one webhook.
async fn inbound(Extract(state): Extract<Shared>, Json(letters): Json<Letters>) -> Response {
    told(&state, &letters.into_vec(), &[]).await
}

/// Letters and statuses in one webhook, of which some may be anything.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Batch {
    letters: Vec<Letter>,
    statuses: Vec<NewStatus>,
    /// Put between the messages as they are.
    rubbish: Vec<Value>,
}

async fn batch(Extract(state): Extract<Shared>, Json(batch): Json<Batch>) -> Response {
    let statuses: Vec<Value> = batch
        .statuses
        .iter()
        .filter_map(|new| {
            let sent = state.whatsapp_meta.memory.find(&new.id)?;
            let sent = state.whatsapp_meta.memory.becomes(&sent.id, &new.status, new.code)?;
            Some(hooks::status(&sent, &new.status, new.code))
        })
        .collect();
    let mut more = batch.rubbish;
    more.push(json!(null));
    told_with(&state, &batch.letters, &statuses, &more).await
}

async fn told(state: &Shared, letters: &[Letter], statuses: &[Value]) -> Response {
    told_with(state, letters, statuses, &[]).await
}

async fn told_with(state: &Shared, letters: &[Letter], statuses: &[Value], rubbish: &[Value]) -> Response {
    if state.settings.server.is_none() {
        return (StatusCode::CONFLICT, "the stand-ins know no server").into_response();
    }
    let mut told = Vec::new();
    let mut messages = Vec::new();
    let mut rubbish = rubbish.iter();
    for letter in letters {
        let id = letter.id.clone().unwrap_or_else(hooks::wamid);
        let file = letter.file.as_ref().map(|file| {
            let media = hooks::media_id();
            state.whatsapp_meta.memory.keep(&media, file);
            media
        });
        state
            .whatsapp_meta
            .memory
            .heard(letter.digits(), letter.at.unwrap_or_else(now));
        messages.push(hooks::message(state, letter, &id, file.as_deref()));
        messages.extend(rubbish.next().cloned());
        told.push(json!({ "id": id, "file": file }));
    }
    let contacts: Vec<Value> = letters.iter().map(hooks::contact).collect();
    let to = letters.first().map_or("", |letter| letter.to.as_str());
    let body = hooks::envelope(state, to, &contacts, &messages, statuses);
    let copies = letters.iter().map(|letter| letter.copies).max().unwrap_or(1);
    let how = letters.first().map(|letter| letter.signature).unwrap_or_default();
    let deliveries = deliver(state, &body, copies, how).await;
    Json(json!({ "messages": told, "deliveries": deliveries })).into_response()
}
