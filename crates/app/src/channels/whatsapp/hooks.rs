//! The carriers' webhooks: each is verified, taken in, and answered when what it brought is kept.

use std::net::IpAddr;

use axum::{
    extract::{FromRequest, OriginalUri, Path, Request, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use kernel::{ExposeSecret, Problem};
use platform::http::{ApiError, client_address::ClientAddress, list::from_query, rate_limit::UnverifiedWebhook};
use serde::Deserialize;

use super::{
    arrivals,
    believed::{self, Believed, Refusal},
    door,
};
use crate::{
    AppState,
    threads::{
        http::messages::served,
        store::{file, message},
    },
};

type Check = fn(&crate::App, believed::Request<'_>) -> Result<Believed, Refusal>;

/// Verifies, keeps, answers.
async fn receive(app: &AppState, request: Request, check: Check, done: StatusCode) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0)
        .path_and_query()
        .map_or_else(|| "/".to_owned(), ToString::to_string);
    let from = parts
        .extensions
        .get::<ClientAddress>()
        .map(|ClientAddress(address)| *address);
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), app).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let request = believed::Request {
        method: parts.method.as_str(),
        target: &target,
        headers: &parts.headers,
        body: &body,
        now: app.clock.now(),
    };
    let believed = match check(app, request) {
        Ok(believed) => believed,
        Err(why) => return refuse(app, why, &target, from),
    };
    match take(app, &believed).await {
        Ok(true) => done.into_response(),
        Ok(false) => refuse(app, "replayed", &target, from),
        Err(problem) => ApiError::from(problem).into_response(),
    }
}

/// `false` for a signature that was seen before.
async fn take(app: &AppState, believed: &Believed) -> Result<bool, Problem> {
    if let Some(signature) = believed.once()
        && !door::first_time(app, signature, app.clock.now()).await?
    {
        return Ok(false);
    }
    Box::pin(arrivals::take_in(app, believed)).await?;
    Ok(true)
}

/// 403; to an address that keeps trying 429.
fn refuse(app: &AppState, why: Refusal, target: &str, from: Option<IpAddr>) -> Response {
    let path = target.split('?').next().unwrap_or_default();
    tracing::warn!(
        event = "whatsapp_signature_invalid",
        why,
        path,
        "a webhook was not believed"
    );
    metrics::counter!("whatsapp_signature_invalid_total", "why" => why).increment(1);
    let webhook = if path.ends_with("/status") {
        UnverifiedWebhook::Status
    } else {
        UnverifiedWebhook::Other
    };
    match from.map(|from| app.limits.unverified(webhook, from)) {
        Some(Err(problem)) => ApiError::from(problem).into_response(),
        Some(Ok(())) | None => forbidden(),
    }
}

fn forbidden() -> Response {
    ApiError::from(Problem::forbidden("this is not signed by whom it should be from")).into_response()
}

/// A message of Twilio's, or what became of one of ours.
#[utoipa::path(post, path = "/webhook/whatsapp/twilio", responses((status = 204), (status = 403)))]
pub async fn whatsapp_twilio(State(app): State<AppState>, request: Request) -> Response {
    receive(&app, request, believed::twilio, StatusCode::NO_CONTENT).await
}

fn status_check(app: &crate::App, request: believed::Request<'_>) -> Result<Believed, Refusal> {
    let believed = believed::twilio(app, request)?;
    if believed::has_status_secret(app, request.target) {
        Ok(believed)
    } else {
        Err("no_status_secret")
    }
}

/// What became of a message that went out by Twilio.
#[utoipa::path(post, path = "/webhook/whatsapp/status", responses((status = 204), (status = 403)))]
pub async fn whatsapp_message_status(State(app): State<AppState>, request: Request) -> Response {
    receive(&app, request, status_check, StatusCode::NO_CONTENT).await
}

/// An event of our bridge to WhatsApp Web.
#[utoipa::path(post, path = "/webhook/whatsapp/baileys", responses((status = 204), (status = 403)))]
pub async fn whatsapp_baileys(State(app): State<AppState>, request: Request) -> Response {
    receive(&app, request, believed::baileys, StatusCode::NO_CONTENT).await
}

/// Messages and statuses of Meta's.
#[utoipa::path(post, path = "/webhook/whatsapp/meta", responses((status = 200), (status = 403)))]
pub async fn whatsapp_meta(State(app): State<AppState>, request: Request) -> Response {
    receive(&app, request, believed::meta, StatusCode::OK).await
}

/// What the bridge or Meta sends, by whichever signature it carries; with both, both must be good.
#[utoipa::path(post, path = "/webhook/wa/incoming", responses((status = 200), (status = 204), (status = 403)))]
pub async fn whatsapp_incoming(State(app): State<AppState>, request: Request) -> Response {
    let from_meta = request.headers().contains_key(believed::META_SIGNATURE);
    let done = if from_meta {
        StatusCode::OK
    } else {
        StatusCode::NO_CONTENT
    };
    receive(&app, request, believed::either, done).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Verification {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

/// Meta asks whether this address is ours: the challenge goes back.
#[utoipa::path(get, path = "/webhook/whatsapp/meta",
    responses((status = 200, content_type = "text/plain"), (status = 403)))]
pub async fn verify_whatsapp_meta(State(app): State<AppState>, uri: Uri) -> Response {
    let asked: Verification = from_query(uri.query().unwrap_or_default()).unwrap_or_default();
    let token = app.whatsapp.settings.meta_verify_token.as_ref();
    let good = token.is_some_and(|token| believed::same(token.expose_secret().as_bytes(), asked.token.as_bytes()));
    if asked.mode == "subscribe" && good {
        return asked.challenge.into_response();
    }
    forbidden()
}

/// A file of ours, for the carrier that sends it.
#[utoipa::path(get, path = "/media/files/{token}", params(("token" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206, content_type = "application/octet-stream"),
        (status = 404), (status = 416)))]
pub async fn media_file(
    State(app): State<AppState>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (scope, id) = door::file_scope(&app, &token).ok_or_else(Problem::not_found)?;
    let tx = app.db.read(&scope).await?;
    let file = tx.get::<file::Entity>(id).await?;
    tx.get::<message::Entity>(file.message_id).await?;
    drop(tx);
    let key = file.storage_key.ok_or_else(Problem::not_found)?;
    let content = app.storage.get(&key).await.map_err(Problem::from)?;
    Ok(served(content, file.mime_type.as_deref(), &headers))
}
