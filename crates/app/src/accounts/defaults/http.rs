//! `/api/admin/prompts`, `/api/admin/templates`, `/api/admin/greetings`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::http::{
    ApiError, ApiJson,
    fields::{Faults, Lines},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store::{self, Kind};
use crate::{
    App, AppState,
    accounts::{businesses::settings::LANGUAGES, sessions::Caller},
    api::guarded,
};

const LONGEST_TEXT: usize = 8_000;
const LONGEST_GREETING: usize = 600;

pub fn routes() -> OpenApiRouter<AppState> {
    let (read, write) = (Permission::PlatformRead, Permission::PlatformWrite);
    OpenApiRouter::new()
        .routes(guarded(read, routes!(read_prompt)))
        .routes(guarded(write, routes!(write_prompt)))
        .routes(guarded(read, routes!(read_template)))
        .routes(guarded(write, routes!(write_template)))
        .routes(guarded(read, routes!(read_greetings)))
        .routes(guarded(write, routes!(write_greetings)))
}

/// A text for all businesses that have none of their own.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformText)]
struct TextView {
    key: String,
    /// Null while there is none.
    text: Option<String>,
    updated_at: Option<DateTime<Utc>>,
    updated_by_id: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PlatformTextChange)]
#[serde(deny_unknown_fields)]
struct TextBody {
    /// An empty one, or null, takes the default away.
    text: Option<String>,
}

/// 404 for what is no key: small letters, digits, `_` and `-`, at most 60.
fn key(text: String) -> Result<String, Problem> {
    let sound = (1..=60).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if sound { Ok(text) } else { Err(Problem::not_found()) }
}

async fn read(app: &App, caller: &Caller, kind: Kind, key: String) -> Result<Json<TextView>, ApiError> {
    caller.own()?;
    let tx = app.db.system_read("a default of the platform").await?;
    let found = store::get(&tx, kind, &key).await?;
    Ok(Json(TextView {
        key,
        updated_at: found.as_ref().map(|row| row.updated_at),
        updated_by_id: found.as_ref().and_then(|row| row.updated_by_id),
        text: found.map(|row| row.text),
    }))
}

async fn write(
    app: &App,
    caller: &Caller,
    kind: Kind,
    key: String,
    body: TextBody,
) -> Result<Json<TextView>, ApiError> {
    let scope = caller.own()?;
    let mut faults = Faults::default();
    let text = body
        .text
        .and_then(|text| faults.text("text", &text, LONGEST_TEXT, Lines::Many));
    faults.done()?;
    let tx = app.db.system("a default of the platform").await?;
    store::put(&tx, &scope, kind, &key, text).await?;
    tx.commit().await?;
    app.calls.directory.invalidate();
    read(app, caller, kind, key).await
}

/// A prompt for businesses without one of their own; `agent` is the agent's.
#[utoipa::path(get, path = "/api/admin/prompts/{key}", params(("key" = String, Path)),
    responses((status = 200, body = TextView), (status = 404)))]
async fn read_prompt(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<TextView>, ApiError> {
    read(&app, &caller, Kind::Prompt, key(name)?).await
}

/// Writes a prompt; calls that come in from now on follow it.
#[utoipa::path(put, path = "/api/admin/prompts/{key}", params(("key" = String, Path)), request_body = TextBody,
    responses((status = 200, body = TextView), (status = 404), (status = 422)))]
async fn write_prompt(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    ApiJson(body): ApiJson<TextBody>,
) -> Result<Json<TextView>, ApiError> {
    write(&app, &caller, Kind::Prompt, key(name)?, body).await
}

/// A message's template for businesses without one of their own.
#[utoipa::path(get, path = "/api/admin/templates/{key}", params(("key" = String, Path)),
    responses((status = 200, body = TextView), (status = 404)))]
async fn read_template(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<TextView>, ApiError> {
    read(&app, &caller, Kind::Template, key(name)?).await
}

/// Writes a template.
#[utoipa::path(put, path = "/api/admin/templates/{key}", params(("key" = String, Path)), request_body = TextBody,
    responses((status = 200, body = TextView), (status = 404), (status = 422)))]
async fn write_template(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    ApiJson(body): ApiJson<TextBody>,
) -> Result<Json<TextView>, ApiError> {
    write(&app, &caller, Kind::Template, key(name)?, body).await
}

/// Greetings by language, for businesses without one of their own. `{business}` stands for the business's name.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformGreetings)]
struct GreetingsView {
    greetings: BTreeMap<String, String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PlatformGreetingsChange)]
#[serde(deny_unknown_fields)]
struct GreetingsBody {
    /// By language (`he-IL`). What is not mentioned stays; null, or an empty text, takes one away.
    greetings: BTreeMap<String, Option<String>>,
}

async fn greetings(app: &App) -> Result<Json<GreetingsView>, ApiError> {
    let tx = app.db.system_read("a default of the platform").await?;
    let rows = store::all(&tx, Kind::Greeting).await?;
    Ok(Json(GreetingsView {
        greetings: rows.into_iter().map(|row| (row.key, row.text)).collect(),
    }))
}

/// What callers hear first where a business has no greeting of its own.
#[utoipa::path(get, path = "/api/admin/greetings", responses((status = 200, body = GreetingsView)))]
async fn read_greetings(State(app): State<AppState>, caller: Caller) -> Result<Json<GreetingsView>, ApiError> {
    caller.own()?;
    greetings(&app).await
}

/// Writes greetings.
#[utoipa::path(put, path = "/api/admin/greetings", request_body = GreetingsBody,
    responses((status = 200, body = GreetingsView), (status = 422)))]
async fn write_greetings(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<GreetingsBody>,
) -> Result<Json<GreetingsView>, ApiError> {
    let scope = caller.own()?;
    let mut faults = Faults::default();
    let mut checked = Vec::new();
    for (language, text) in body.greetings {
        let field = format!("greetings.{}", language.escape_default());
        if !LANGUAGES.contains(&language.as_str()) {
            faults.add(&field, "unknown_value", format!("is one of {}", LANGUAGES.join(", ")));
        }
        let text = text.and_then(|text| faults.text(&field, &text, LONGEST_GREETING, Lines::Many));
        checked.push((language, text));
    }
    faults.done()?;
    let tx = app.db.system("a default of the platform").await?;
    for (language, text) in checked {
        store::put(&tx, &scope, Kind::Greeting, &language, text).await?;
    }
    tx.commit().await?;
    app.calls.directory.invalidate();
    greetings(&app).await
}
