//! `/api/auth/password/forgot`, `/api/auth/password/reset`, `/api/users/{id}/reset_password`.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{ExposeSecret as _, Permission, Problem, SecretString};
use platform::http::{ApiError, ApiJson, PathId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{actions, jobs};
use crate::{
    App, AppState,
    accounts::{
        sessions::{Caller, known},
        users::store::Entity,
    },
    api::{guarded, public},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(public("none", routes!(forgot_password)))
        .routes(public("mailed token", routes!(reset_password)))
        .routes(guarded(Permission::UsersReset, routes!(reset_password_of)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    email: String,
}

/// Mails a link for a new password, if somebody signs in with this address. The answer is the same for every address.
#[utoipa::path(post, path = "/api/auth/password/forgot", request_body = Forgotten,
    responses((status = 202), (status = 400), (status = 429)))]
async fn forgot_password(
    State(app): State<AppState>,
    ApiJson(forgotten): ApiJson<Forgotten>,
) -> Result<StatusCode, ApiError> {
    if forgotten.email.trim().is_empty() {
        return Err(Problem::missing("email").into());
    }
    app.limits.forgotten_by(&forgotten.email)?;
    if known::is_possible(&forgotten.email) {
        jobs::ask(&app, &forgotten.email).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// From the link in the mail.
    token: String,
    /// 10 characters or more.
    #[schema(value_type = String)]
    new_password: SecretString,
}

/// Sets a new password by the token of a mailed link; all sessions end. 422 `invalid` with `invalid_token` for a token
/// that was used, has run out or is not ours; with `too_short`, `is_email` or `too_common` for the password, which does
/// not use the token up.
#[utoipa::path(post, path = "/api/auth/password/reset", request_body = Reset,
    responses((status = 204), (status = 422)))]
async fn reset_password(State(app): State<AppState>, ApiJson(reset): ApiJson<Reset>) -> Result<StatusCode, ApiError> {
    if reset.token.is_empty() {
        return Err(Problem::missing("token").into());
    }
    if reset.new_password.expose_secret().is_empty() {
        return Err(Problem::missing("new_password").into());
    }
    actions::reset(&app, &reset.token, reset.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Work that was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedMail)]
struct Accepted {
    /// The job's id; null when this person has several good links already, and none was sent.
    id: Option<i64>,
    /// `queued`, or `not_sent`.
    status: &'static str,
}

/// Mails a person the link for a new password. 403 for a person of a higher role, 501 where no such mail can go.
#[utoipa::path(post, path = "/api/users/{id}/reset_password", params(("id" = i64, Path)),
    responses((status = 202, body = Accepted), (status = 403), (status = 404), (status = 409), (status = 501)))]
async fn reset_password_of(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let user = tx.find::<Entity>().by_id(id).lock().one().await?;
    let user = user.ok_or_else(Problem::not_found)?;
    actions::may_reset(scope.actor(), &user)?;
    if !user.active {
        return Err(Problem::conflict("user_inactive", "this person is deactivated").into());
    }
    mailable(&app)?;
    let job = actions::send_link(&app, &tx, &user).await?;
    tx.commit().await?;
    let status = if job.is_some() { "queued" } else { "not_sent" };
    Ok((StatusCode::ACCEPTED, Json(Accepted { id: job, status })))
}

/// 501 with what is missing unless a letter with a link can go.
fn mailable(app: &App) -> Result<(), Problem> {
    let settings = [
        ("SMTP_URL", app.mail.is_some()),
        ("PUBLIC_BASE_URL", app.settings.public_base_url.is_some()),
    ];
    let missing: Vec<_> = settings.iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Problem::not_configured(&missing))
    }
}
