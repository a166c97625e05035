//! A request's id: taken from the caller when it is sound, else made; sent back, logged, and handed to jobs.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue};
use uuid::Uuid;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a caller.
const LONGEST: usize = 128;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task serves; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Runs work that is not a request (a job, a call's socket) under an id.
pub async fn scoped<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

/// A new id.
pub fn fresh() -> String {
    Uuid::now_v7().to_string()
}

fn from_caller(value: &HeaderValue) -> Option<String> {
    let bytes = value.as_bytes();
    let sound = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    if sound {
        value.to_str().ok().map(str::to_owned)
    } else {
        None
    }
}

/// Middleware: every response carries `X-Request-ID`.
pub async fn middleware(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(from_caller)
        .unwrap_or_else(fresh);
    let header = HeaderValue::from_str(&id).ok();
    let mut response = CURRENT.scope(id, next.run(request)).await;
    if let Some(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}
