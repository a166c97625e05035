//! What surrounds every route: ids, logs, limits, origins, security headers, and the switch to the sockets.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::Response,
};
use kernel::Problem;
use platform::{
    http::{
        client_address::{self, TrustProxy},
        error, nul,
        rate_limit::{self, Rate, RateLimits, RateSettings},
        request_id,
        security::{self, OriginRule, OriginSettings, Origins, ResponseHeaders},
    },
    realtime::Realtime,
    telemetry,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};

use crate::config::{self, Settings};

/// The largest body that is not an upload.
const LARGEST_BODY: usize = 1024 * 1024;

/// Lays everything around the routes, from the inside out.
pub fn around(routes: Router, settings: &Settings, realtime: &Realtime, limits: &Arc<RateLimits>) -> Router {
    let origins = origins(settings);
    let rest = routes
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn(telemetry::note_route))
        .fallback_service(crate::spa::router())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(from_fn(nul::refuse))
        .layer(from_fn_with_state(origins.clone(), security::refuse_strange_writes))
        .layer(from_fn_with_state(Arc::clone(limits), rate_limit::middleware))
        .layer(origins.cors());
    let headers = ResponseHeaders::new(&settings.version.git_commit, settings.env.is_production());
    realtime
        .mount(rest, &origins.cors())
        .layer(from_fn(telemetry::requests))
        .layer(from_fn_with_state(trust(settings), client_address::middleware))
        .layer(from_fn_with_state(headers, security::respond_safely))
        .layer(from_fn(request_id::middleware))
}

/// Sound is small already and played in parts; TwiML is short and answers a machine that waits.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("audio/"))
        .and(NotForContentType::const_new("text/xml"))
}

/// A handler's panic is our fault and one request's end, not the server's.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    error::render(&Problem::internal())
}

pub fn origins(settings: &Settings) -> Origins {
    Origins::new(OriginSettings {
        public: settings.http.public_base_url.as_ref().map(ToString::to_string),
        rules: settings.http.cors.iter().map(rule).collect(),
        host_is_own: !settings.env.is_production(),
    })
}

fn rule(rule: &config::OriginRule) -> OriginRule {
    match rule {
        config::OriginRule::Any => OriginRule::Any,
        config::OriginRule::Is(origin) => OriginRule::Is(origin.clone()),
        config::OriginRule::Matches(pattern) => OriginRule::Matches(pattern.clone()),
    }
}

/// Whose word about the caller's address counts.
pub fn trust(settings: &Settings) -> TrustProxy {
    match &settings.http.trust_proxy {
        config::TrustProxy::No => TrustProxy::No,
        config::TrustProxy::Hops(hops) => TrustProxy::Hops(*hops),
        config::TrustProxy::Networks(networks) => TrustProxy::Networks(networks.clone()),
    }
}

pub fn limits(settings: &Settings) -> RateLimits {
    let rates = &settings.rates;
    RateLimits::new(&RateSettings {
        auth: rate(rates.auth),
        send: rate(rates.send),
        api: rate(rates.api),
        webhook_unverified: rates.webhook_unverified.map(rate),
        webhook_verified: rate(rates.webhook_verified),
    })
}

const fn rate(rate: config::Rate) -> Rate {
    match rate {
        config::Rate::Off => Rate::Off,
        config::Rate::Limit { count, per } => Rate::Limit { count, per },
    }
}
