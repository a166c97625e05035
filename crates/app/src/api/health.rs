//! Whether the process lives, whether it can work, and which version it is.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{aliased, public};
use crate::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(public("none", routes!(health)))
        .routes(aliased("/health", "/healthz", public("none", routes!(health))))
        .routes(aliased("/health", "/api/health", public("none", routes!(health))))
        .routes(public("none", routes!(ready)))
        .routes(public("none", routes!(version)))
        .routes(public("METRICS_TOKEN, when it is set", routes!(metrics)))
}

#[derive(Serialize, ToSchema)]
struct Health {
    ok: bool,
}

/// The process lives. Touches nothing else.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { ok: true })
}

/// Whether database, migrations, job runner and storage can be used; 503 with which one can not, and while draining.
#[utoipa::path(get, path = "/readyz", responses((status = 200), (status = 503)))]
async fn ready(State(app): State<AppState>) -> Response {
    let mut checks = serde_json::Map::new();
    let mut failed = false;
    let mut note = |name: &str, good: bool| {
        failed |= !good;
        checks.insert(name.to_owned(), if good { "ok" } else { "failed" }.into());
    };
    note("draining", !app.drain.is_draining());
    let database = app.db.ping().await.is_ok();
    note("database", database);
    note(
        "migrations",
        database && matches!(app.db.schema_is_current().await, Ok(true)),
    );
    note("jobs", app.jobs_pulse.is_alive());
    note("storage", app.storage.is_usable().await);
    let status = if failed {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (status, Json(json!({ "ready": !failed, "checks": checks }))).into_response()
}

#[derive(Serialize, ToSchema)]
struct VersionView {
    app: &'static str,
    version: &'static str,
    git_commit: String,
    build_time: String,
    deploy_id: String,
}

/// Which program this is.
#[utoipa::path(get, path = "/version", responses((status = 200, body = VersionView)))]
async fn version(State(app): State<AppState>) -> Json<VersionView> {
    let version = &app.settings.version;
    Json(VersionView {
        app: "agentlocator",
        version: env!("CARGO_PKG_VERSION"),
        git_commit: version.git_commit.clone(),
        build_time: version.build_time.clone(),
        deploy_id: version.deploy_id.clone(),
    })
}

/// Counters and histograms as Prometheus reads them. In production there are none without METRICS_TOKEN.
#[utoipa::path(get, path = "/metrics", responses((status = 200, content_type = "text/plain"), (status = 401), (status = 404)))]
async fn metrics(State(app): State<AppState>, headers: HeaderMap) -> Response {
    app.metrics.render(&headers)
}
