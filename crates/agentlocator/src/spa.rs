//! The web app: its hashed files for ever, its page always fresh.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use memory_serve::CacheControl;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ALWAYS_FRESH: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves the app for every path that nothing else answers.
#[expect(
    clippy::large_stack_arrays,
    reason = "the list of the app's files is a constant that the macro writes"
)]
pub fn router() -> Router {
    memory_serve::load!()
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(StatusCode::OK)
        .add_alias("/docs", "/docs.html")
        .html_cache_control(CacheControl::NoCache)
        .into_router()
        .layer(middleware::from_fn(manners))
}

/// What is asked for by a program and not by a browser gets a short answer, not a page.
async fn manners(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_ours = ["/api/", "/webhook/", "/auth/", "/media/", "/static/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    // What begins with a dot is about files, and for nobody.
    if is_ours || path.contains("/.") || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return app::api::not_found();
    }
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let mut response = if wants_page || is_file {
        next.run(request).await
    } else if path == "/" {
        "ok".into_response()
    } else {
        app::api::not_found()
    };
    // A missing file is missing; it is not the page.
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let asked_for_page = path.rsplit_once('.').is_some_and(|(_, ending)| ending == "html");
    if is_file && is_page && !asked_for_page {
        return app::api::not_found();
    }
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    let caching = if path.starts_with("/assets/") {
        FOR_EVER
    } else {
        ALWAYS_FRESH
    };
    headers.insert(header::CACHE_CONTROL, caching);
    response
}
