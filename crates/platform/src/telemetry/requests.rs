//! One line when a request begins and one when it ends, and its place in the histogram.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use kernel::{BusinessId, UserId};
use tracing::{Instrument, Span, field};

use crate::http::{client_address::ClientAddress, request_id};

/// A part of a path that is this long may be a token.
const LONG_PART: usize = 24;

/// The route that was matched; found out inside, told outside.
#[derive(Clone, Default)]
struct Route(Arc<OnceLock<String>>);

/// Middleware for everything, inside the request id's and the caller's address's: refused requests have their lines,
/// too.
pub async fn middleware(mut request: Request, next: Next) -> Response {
    let route = Route::default();
    request.extensions_mut().insert(route.clone());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request_id = request_id::current(),
        %method,
        path = %shown(request.uri().path()),
        business_id = field::Empty,
        user_id = field::Empty,
        call_sid = field::Empty,
    );
    let from = request
        .extensions()
        .get::<ClientAddress>()
        .map(|ClientAddress(address)| field::display(*address));
    async move {
        tracing::info!(from, "request");
        let began = Instant::now();
        let response = next.run(request).await;
        let route = route.0.get().cloned().unwrap_or_else(|| "other".to_owned());
        ended(method.as_str(), route, &response, began);
        response
    }
    .instrument(span)
    .await
}

/// Middleware to be laid over the routes themselves: says outside which one was matched.
pub async fn note_route(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let (Some(route), Some(path)) = (extensions.get::<Route>(), extensions.get::<MatchedPath>()) {
        route.0.get_or_init(|| path.as_str().to_owned());
    }
    next.run(request).await
}

/// A path as a line may show it: without what may be a token. A CallSid is none.
fn shown(path: &str) -> Cow<'_, str> {
    let hidden = |part: &str| part.len() >= LONG_PART && !part.starts_with("CA");
    if !path.split('/').any(hidden) {
        return path.into();
    }
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| if hidden(part) { "…" } else { part })
        .collect();
    parts.join("/").into()
}

fn ended(method: &str, route: String, response: &Response, began: Instant) {
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!(
        "http_request_seconds",
        "method" => known(method),
        "route" => route,
        "status" => status.to_string(),
    )
    .record(took.as_secs_f64());
    let took_ms = took.as_secs_f64() * 1000.0;
    if status >= 500 {
        tracing::error!(status, took_ms, "response");
    } else {
        tracing::info!(status, took_ms, "response");
    }
}

/// A method of a caller's own making is not a label.
fn known(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// Says in the request's lines from now on who calls.
pub fn note_caller(business: BusinessId, user: Option<UserId>) {
    let span = Span::current();
    span.record("business_id", business.get());
    if let Some(user) = user {
        span.record("user_id", user.get());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Mutex, PoisonError},
    };

    use axum::{Router, body::Body, middleware::from_fn, routing::get};
    use tower::ServiceExt;
    use tracing::instrument::WithSubscriber;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::telemetry::{LogFormat, logs};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_request_has_two_lines_that_say_who_and_show_no_phone_and_no_token() {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::registry().with(logs::lines(LogFormat::Json, move || writer.clone()));
        let router = Router::new()
            .route(
                "/media/{token}",
                get(async || {
                    note_caller(7.into(), Some(3.into()));
                    tracing::warn!("a call from +972501234567");
                    "ok"
                }),
            )
            .layer(from_fn(note_route))
            .layer(from_fn(middleware))
            .layer(from_fn(request_id::middleware));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/media/0123456789abcdefghijklmnop?key=secret".parse().expect("a path");
        request
            .headers_mut()
            .insert(request_id::HEADER, "req-1".parse().expect("a header"));
        router
            .oneshot(request)
            .with_subscriber(subscriber)
            .await
            .expect("an answer");

        let text = String::from_utf8(written.0.lock().expect("what was written").clone()).expect("text");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let messages: Vec<_> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
        assert_eq!(messages, ["request", "a call from +972******567", "response"]);
        let last = &lines[2];
        assert_eq!(last["status"], 200);
        assert_eq!(last["span"]["request_id"], "req-1");
        assert_eq!(
            (&last["span"]["business_id"], &last["span"]["user_id"]),
            (&7.into(), &3.into())
        );
        assert_eq!(last["span"]["path"], "/media/…");
        assert!(!text.contains("abcdef") && !text.contains("secret"));
    }

    #[test]
    fn ordinary_paths_are_shown_whole() {
        for path in [
            "/",
            "/api/crm/customers/12",
            "/api/calls/CA0123456789abcdef0123456789abcdef/recording",
        ] {
            assert_eq!(shown(path), path);
        }
        assert_eq!(shown("/media/tts/0123456789abcdef0123456789abcdef"), "/media/tts/…");
    }
}
