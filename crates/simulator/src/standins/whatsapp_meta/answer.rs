//! What the Graph API answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::{
    Shared,
    whatsapp::{Kept, Sent},
};

/// `{messaging_product, contacts, messages}`; a recipient by scoped id has no `wa_id`.
pub(super) fn taken(sent: &Sent) -> Value {
    let contact = if sent.to.contains('.') {
        json!({ "input": sent.to, "user_id": sent.to })
    } else {
        json!({ "input": sent.to, "wa_id": sent.to })
    };
    json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [{ "id": sent.id }] })
}

/// Where a file lies; its hash is of what was announced.
pub(super) fn place(state: &Shared, media: &str, kept: &Kept) -> Value {
    json!({
        "messaging_product": "whatsapp", "id": media, "mime_type": kept.mime_type,
        "url": format!("{}_meta/files/{media}", state.base), "file_size": kept.bytes.len(),
        "sha256": hex::encode(Sha256::digest(&kept.bytes)),
    })
}

pub(super) fn problem(status: StatusCode, code: u32, message: &str) -> Response {
    let kind = if code == 190 {
        "OAuthException"
    } else {
        "GraphMethodException"
    };
    let body = json!({ "error": {
        "message": format!("(#{code}) {message}"), "type": kind, "code": code, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
        "error_data": { "messaging_product": "whatsapp", "details": message },
    } });
    (status, Json(body)).into_response()
}

pub(super) fn limited(retry_after: Option<u64>) -> Response {
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, 130_429, "Rate limit hit");
    if let Some(value) = retry_after.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}
