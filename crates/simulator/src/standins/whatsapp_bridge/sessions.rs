//! A business's link to its phone.

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State as Extract},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Session, Shared, events, lock, problem, signature};
use crate::standins::whatsapp::{Signature, now};

const QR_SECONDS: i64 = 60;

pub(super) async fn status(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path(business): Path<i64>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::GET, &uri, &headers, b"") {
        return refused;
    }
    let session = state.whatsapp_bridge.session(business);
    let detail = session.reason.clone().unwrap_or_else(|| "linked".to_owned());
    Json(json!({
        "connected": session.connected, "qr_available": session.qr.is_some(), "detail": detail,
        "number": session.number.filter(|_| session.connected), "last_seen": at(0),
    }))
    .into_response()
}

fn at(seconds_from_now: i64) -> Value {
    let at = DateTime::from_timestamp(now(), 0).map(|now| now + TimeDelta::seconds(seconds_from_now));
    json!(at.map(|at| at.to_rfc3339()))
}

pub(super) async fn qr(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path(business): Path<i64>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::GET, &uri, &headers, b"") {
        return refused;
    }
    let session = state.whatsapp_bridge.session(business);
    if session.connected {
        return Json(json!({ "qr": null, "expires_at": null })).into_response();
    }
    let qr = session
        .qr
        .clone()
        .unwrap_or_else(|| format!("2@{}", hex::encode(rand::random::<[u8; 24]>())));
    let known = Session {
        qr: Some(qr.clone()),
        ..session
    };
    state.whatsapp_bridge.set_session(business, known);
    Json(json!({ "qr": qr, "expires_at": at(QR_SECONDS) })).into_response()
}

pub(super) async fn pair(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path(business): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::POST, &uri, &headers, &body) {
        return refused;
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if asked.get("phone").and_then(Value::as_str).is_none() {
        return problem(StatusCode::BAD_REQUEST, "invalid_phone");
    }
    if state.whatsapp_bridge.session(business).connected {
        return problem(StatusCode::CONFLICT, "already_linked");
    }
    Json(json!({ "code": "ABCD1234" })).into_response()
}

pub(super) async fn logout(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Path(business): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::POST, &uri, &headers, &body) {
        return refused;
    }
    let session = Session {
        connected: false,
        qr: None,
        number: None,
        reason: Some("logged_out".to_owned()),
    };
    state.whatsapp_bridge.set_session(business, session);
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
pub(super) struct Asked {
    phone: String,
}

pub(super) async fn on_whatsapp(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::GET, &uri, &headers, b"") {
        return refused;
    }
    let known = !lock(&state.whatsapp_bridge.strangers).contains(&asked.phone);
    Json(json!({ "on_whatsapp": known })).into_response()
}

pub(super) async fn presence(
    Extract(state): Extract<Shared>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signature::check(&state, &Method::POST, &uri, &headers, &body) {
        return refused;
    }
    lock(&state.whatsapp_bridge.typing).push(serde_json::from_slice(&body).unwrap_or_default());
    StatusCode::NO_CONTENT.into_response()
}

/// A phone links, or lets go.
pub(super) async fn change(
    Extract(state): Extract<Shared>,
    Path(business): Path<i64>,
    Json(session): Json<Session>,
) -> Json<Value> {
    state.whatsapp_bridge.set_session(business, session.clone());
    let data = json!({
        "connected": session.connected, "qr": session.qr, "number": session.number, "reason": session.reason,
        "expires_at": session.qr.as_ref().map(|_| at(QR_SECONDS)),
    });
    let deliveries = events::deliver(&state, business, "connection", &data, (1, Signature::Good)).await;
    Json(json!({ "deliveries": deliveries }))
}
