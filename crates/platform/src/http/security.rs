//! What browsers are told and asked: security headers, which origins may call, and no writes from strange pages.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use kernel::Problem;
use regex::Regex;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const REVISION: HeaderName = HeaderName::from_static("x-revision");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Scripts come from us alone, and none stands in a page. Styles may: components set positions by them. The
/// microphone's worklet and recordings come as blobs.
const CONTENT_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; \
    object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
/// A year.
const STRICT_TRANSPORT: &str = "max-age=31536000";
/// How long a browser remembers what it was allowed.
const PREFLIGHT_KEPT: std::time::Duration = std::time::Duration::from_hours(1);

/// An origin that may call the API, beside our own.
#[derive(Clone, Debug)]
pub enum OriginRule {
    /// Every one; for development.
    Any,
    Is(String),
    /// Anchored at both ends.
    Matches(Regex),
}

impl OriginRule {
    fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(exact) => exact == origin,
            Self::Matches(pattern) => pattern.find(origin).is_some_and(|found| found.len() == origin.len()),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct OriginSettings {
    /// `https://calls.example.com`, without a slash at the end.
    pub public: Option<String>,
    pub rules: Vec<OriginRule>,
    /// The request's own Host is our origin, too: in development, where nobody has set a public one.
    pub host_is_own: bool,
}

/// The pages from which we are called. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<OriginSettings>);

impl Origins {
    pub fn new(settings: OriginSettings) -> Self {
        Self(Arc::new(settings))
    }

    fn allows(&self, origin: &str, headers: &HeaderMap) -> bool {
        self.0.public.as_deref() == Some(origin)
            || (self.0.host_is_own && is_host(origin, headers))
            || self.0.rules.iter().any(|rule| rule.allows(origin))
    }

    /// Whether a socket may be opened from the page that asks. Not from a page: allowed, it must sign in all the same.
    pub fn may_connect(&self, headers: &HeaderMap) -> bool {
        match text(headers, &header::ORIGIN) {
            Some(origin) => self.allows(origin, headers),
            None => !headers.contains_key(header::ORIGIN),
        }
    }

    /// Whether a write that a browser authenticates by itself, with its cookies, comes from a page of ours.
    pub fn may_write(&self, headers: &HeaderMap) -> bool {
        let site = text(headers, &SEC_FETCH_SITE);
        if matches!(site, Some("same-origin" | "none")) {
            return true;
        }
        match text(headers, &header::ORIGIN) {
            Some(origin) => self.allows(origin, headers),
            // No browser sends neither.
            None => site.is_none() && !headers.contains_key(header::ORIGIN),
        }
    }

    /// Answers preflights and lets allowed origins read.
    pub fn cors(&self) -> CorsLayer {
        let origins = self.clone();
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, parts| {
                origin
                    .to_str()
                    .is_ok_and(|origin| origins.allows(origin, &parts.headers))
            }))
            .allow_credentials(true)
            .allow_methods([
                Method::GET,
                Method::HEAD,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ])
            .allow_headers([
                header::CONTENT_TYPE,
                header::AUTHORIZATION,
                header::IF_MATCH,
                header::IF_NONE_MATCH,
                header::RANGE,
                super::idempotency::KEY,
                super::request_id::HEADER,
            ])
            .expose_headers([
                header::ETAG,
                header::RETRY_AFTER,
                header::CONTENT_RANGE,
                header::CONTENT_DISPOSITION,
                super::idempotency::REPLAY,
                super::request_id::HEADER,
                REVISION,
            ])
            .max_age(PREFLIGHT_KEPT)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether an origin names the host that the request was sent to.
fn is_host(origin: &str, headers: &HeaderMap) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && authority == text(headers, &header::HOST)
}

/// Middleware: a write that brings a browser's cookies must come from a page of ours (403 `cross_origin`), whatever else
/// it brings: which of its credentials counts is decided only later.
pub async fn refuse_strange_writes(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::COOKIE) && !request.method().is_safe() && !origins.may_write(headers) {
        tracing::warn!(
            origin = text(headers, &header::ORIGIN),
            "a write from a strange page was refused"
        );
        let problem = Problem::new(403, "cross_origin", "this page may not write here");
        return ApiError::from(problem).into_response();
    }
    next.run(request).await
}

/// The headers of every response.
#[derive(Clone, Debug)]
pub struct ResponseHeaders(Arc<[(HeaderName, HeaderValue)]>);

impl ResponseHeaders {
    /// `revision` is the git commit; with `strict_transport` browsers are told to use https only.
    pub fn new(revision: &str, strict_transport: bool) -> Self {
        let fixed = HeaderValue::from_static;
        let mut headers = vec![
            (header::CONTENT_SECURITY_POLICY, fixed(CONTENT_POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (header::X_FRAME_OPTIONS, fixed("DENY")),
            (header::REFERRER_POLICY, fixed("strict-origin-when-cross-origin")),
            (
                PERMISSIONS_POLICY,
                fixed("camera=(), geolocation=(), microphone=(self)"),
            ),
            (OPENER_POLICY, fixed("same-origin")),
        ];
        if strict_transport {
            headers.push((header::STRICT_TRANSPORT_SECURITY, fixed(STRICT_TRANSPORT)));
        }
        if let Ok(revision) = HeaderValue::from_str(revision)
            && !revision.is_empty()
        {
            headers.push((REVISION, revision));
        }
        Self(headers.into())
    }
}

/// Middleware: adds [`ResponseHeaders`] where a handler has not set its own.
pub async fn respond_safely(State(headers): State<ResponseHeaders>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in headers.0.iter() {
        if !response.headers().contains_key(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        Origins::new(OriginSettings {
            public: Some("https://calls.example.com".to_owned()),
            rules: vec![
                OriginRule::Is("https://app.example.net".to_owned()),
                OriginRule::Matches(Regex::new(r"https://[a-z]+\.example\.org").expect("a pattern")),
            ],
            host_is_own: false,
        })
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn writes_by_cookie_pass_from_our_pages_only() {
        let origins = origins();
        for good in [
            &[][..],
            &[("origin", "https://calls.example.com")],
            &[("origin", "https://app.example.net"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://one.example.org")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(origins.may_write(&headers(good)), "{good:?}");
        }
        for bad in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://one.example.org.evil.example")],
            &[("origin", "http://calls.example.com")],
            &[("origin", "https://calls.example.com:8443")],
            &[("origin", "http://here:5000"), ("host", "here:5000")],
        ] {
            assert!(!origins.may_write(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn in_development_the_host_is_our_origin() {
        let origins = Origins::new(OriginSettings {
            host_is_own: true,
            ..OriginSettings::default()
        });
        assert!(origins.may_write(&headers(&[
            ("origin", "http://127.0.0.1:5000"),
            ("host", "127.0.0.1:5000")
        ])));
        assert!(!origins.may_write(&headers(&[
            ("origin", "http://127.0.0.1:5001"),
            ("host", "127.0.0.1:5000")
        ])));
        assert!(origins.may_connect(&headers(&[])));
    }
}
