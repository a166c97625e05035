//! Twilio's Messages resource for WhatsApp (version 2010-04-01) with its callbacks, and people who write to the number.
//!
//! Requests are checked as Twilio checks them; what it takes it tells about by signed status callbacks. Files lie behind
//! a redirect, as with Twilio.

mod answer;
mod check;
mod forms;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde_json::{Value, json};
use url::Url;

use super::{
    Shared,
    twilio::{not_found, problem, refuse_stranger},
    whatsapp::{Delivered, Letters, Loss, Memory, NewStatus, NewTrouble, Plan, Sent, Signature, Trouble, now},
};
use crate::twilio::{
    post::{Expect, Manner, Poster},
    sids::sid,
    sign::Fields,
};

/// Where the vendor's console says that messages are posted to.
const INBOUND_PATH: &str = "/webhook/whatsapp/twilio";
/// The sender of the demo.
pub const NUMBER: &str = "+97233000000";

/// What this stand-in remembers.
#[derive(Default)]
pub struct Messages {
    pub(super) memory: Memory,
}

impl Messages {
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
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(create).get(list))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}", get(fetch))
        .route(
            "/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}",
            get(redirect),
        )
        .route("/_twilio/files/{media}", get(file))
}

pub(super) fn control_routes() -> Router<Shared> {
    super::whatsapp::steering("twilio", |state| &state.whatsapp_twilio.memory)
        .route("/_whatsapp/twilio", delete(forget))
        .route("/_whatsapp/twilio/inbound", post(inbound))
        .route("/_whatsapp/twilio/status", post(status))
}

async fn create(
    Extract(state): Extract<Shared>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    if account != state.settings.account_sid {
        return not_found(&account);
    }
    let trouble = state.whatsapp_twilio.memory.troubles.next();
    let form: Fields = url::form_urlencoded::parse(&body).into_owned().collect();
    match trouble {
        Some(Trouble::Refuse { code, status }) => {
            let code = code.parse().unwrap_or(0);
            return problem(super::whatsapp::status_of(status), code, "Refused on purpose");
        }
        Some(Trouble::Limit { retry_after }) => return answer::limited(retry_after),
        Some(trouble) if !trouble.taken() => return trouble.end().await,
        _ => {}
    }
    let sent = match check::read(&state, &form) {
        Ok(sent) => sent,
        Err((status, code, message)) => return problem(status, code, message),
    };
    let shown = answer::view(&state, &sent);
    let plan = state.whatsapp_twilio.memory.plan();
    let plan = match check::outside_window(&state, &sent, plan.window) {
        Some(true) => return problem(StatusCode::BAD_REQUEST, 63_016, "Outside the allowed window"),
        Some(false) => plan.failing(63_016),
        None => plan,
    };
    state.whatsapp_twilio.memory.take(sent.clone());
    if plan.early {
        follow(state, sent, plan).await;
    } else {
        tokio::spawn(follow(state, sent, plan));
    }
    match trouble {
        Some(trouble) => trouble.end().await,
        None => (StatusCode::CREATED, Json(shown)).into_response(),
    }
}

/// Tells what becomes of a message.
async fn follow(state: Shared, sent: Sent, plan: Plan) {
    for status in &plan.statuses {
        if plan.delay_ms > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(plan.delay_ms)).await;
        }
        let code = plan
            .code
            .filter(|_| matches!(status.as_str(), "failed" | "undelivered"));
        tell(&state, &sent.id, status, code, plan.copies).await;
    }
}

/// One status callback, so many times at once.
async fn tell(state: &Shared, id: &str, status: &str, code: Option<u64>, copies: usize) -> Vec<Delivered> {
    let Some(sent) = state.whatsapp_twilio.memory.becomes(id, status, code) else {
        return Vec::new();
    };
    let Some(callback) = sent.status_callback.as_ref().and_then(|url| Url::parse(url).ok()) else {
        return Vec::new();
    };
    let fields = forms::status(state, &sent);
    deliver(state, &callback, &fields, copies, Signature::Good).await
}

/// Posts a form as Twilio signs it.
async fn deliver(state: &Shared, url: &Url, fields: &Fields, copies: usize, signature: Signature) -> Vec<Delivered> {
    let settings = &state.settings;
    let public_base = settings.public_base.clone().unwrap_or_else(|| url.clone());
    let poster = Poster::new(
        state.http.clone(),
        Manner {
            auth_token: settings.auth_token.clone(),
            server: settings.server.clone().unwrap_or_else(|| public_base.clone()),
            public_base,
            copies,
            bad_signature: matches!(signature, Signature::Bad | Signature::Missing),
            headers: Vec::new(),
        },
    );
    let (answers, trouble) = poster.post("whatsapp", url, fields, Expect::Anything).await;
    if let Some(trouble) = trouble {
        tracing::warn!(%trouble, "a message's callback was not taken");
    }
    answers
        .into_iter()
        .map(|answer| Delivered { status: answer.status })
        .collect()
}

async fn list(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    Json(answer::page(&state, &asked)).into_response()
}

async fn fetch(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, message)): Path<(String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    match state.whatsapp_twilio.memory.find(message.trim_end_matches(".json")) {
        Some(sent) => Json(answer::view(&state, &sent)).into_response(),
        None => not_found(&message),
    }
}

/// Twilio keeps files elsewhere and says where.
async fn redirect(
    Extract(state): Extract<Shared>,
    headers: HeaderMap,
    Path((_, _, media)): Path<(String, String, String)>,
) -> Response {
    if let Some(refused) = refuse_stranger(&state, &headers) {
        return refused;
    }
    if state.whatsapp_twilio.memory.file(&media).is_none() {
        return not_found(&media);
    }
    let place = format!("{}_twilio/files/{media}", state.base);
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
}

async fn file(Extract(state): Extract<Shared>, Path(media): Path<String>) -> Response {
    match state.whatsapp_twilio.memory.file(&media) {
        Some(kept) => ([(header::CONTENT_TYPE, kept.mime_type.clone())], kept.given()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn forget(Extract(state): Extract<Shared>) -> StatusCode {
    state.whatsapp_twilio.memory.forget();
    StatusCode::NO_CONTENT
}

async fn status(Extract(state): Extract<Shared>, Json(new): Json<NewStatus>) -> Json<Value> {
    let id = state
        .whatsapp_twilio
        .memory
        .find(&new.id)
        .map_or(new.id, |sent| sent.id);
    let deliveries = tell(&state, &id, &new.status, new.code, new.copies).await;
    Json(json!({ "id": id, "deliveries": deliveries }))
}

/// Each letter is a webhook of its own.
async fn inbound(Extract(state): Extract<Shared>, Json(letters): Json<Letters>) -> Response {
    let Some(url) = inbound_url(&state) else {
        return (StatusCode::CONFLICT, "the stand-ins know no server").into_response();
    };
    let mut told = Vec::new();
    for letter in letters.into_vec() {
        let id = letter.id.clone().unwrap_or_else(|| sid("SM"));
        let file = letter.file.as_ref().map(|file| {
            let media = sid("ME");
            state.whatsapp_twilio.memory.keep(&media, file);
            media
        });
        state
            .whatsapp_twilio
            .memory
            .heard(&letter.from, letter.at.unwrap_or_else(now));
        let fields = forms::inbound(&state, &letter, &id, file.as_deref());
        let deliveries = deliver(&state, &url, &fields, letter.copies, letter.signature).await;
        told.push(json!({ "id": id, "file": file, "deliveries": deliveries }));
    }
    Json(told).into_response()
}

fn inbound_url(state: &Shared) -> Option<Url> {
    let settings = &state.settings;
    let base = settings.public_base.as_ref().or(settings.server.as_ref())?;
    base.join(INBOUND_PATH).ok()
}
