//! `/api/users/{id}/invite` for who invites, `/api/auth/invite/{token}` for who is invited.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use kernel::{ExposeSecret as _, Permission, Problem, SecretString};
use platform::{
    db::AuditEntry,
    http::{ApiError, ApiJson, PathId},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::checked_name,
    changes::{self, checked_phone},
    invitations::{self, Answer},
    store::Entity,
};
use crate::{
    AppState,
    accounts::sessions::{
        Caller,
        actions::Origin,
        http::{Me, granted_answer},
    },
    api::{guarded, public},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::UsersWrite, routes!(invite, take_back)))
        .routes(public("invitation", routes!(look, accept)))
}

/// An address to be given to the person; it is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct InvitationView {
    invite_url: String,
    invite_expires_at: DateTime<Utc>,
}

/// Invites once more; the address given before is worth nothing from now on.
#[utoipa::path(post, path = "/api/users/{id}/invite", params(("id" = i64, Path)),
    responses((status = 200, body = InvitationView), (status = 404), (status = 409)))]
async fn invite(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<InvitationView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let user = changes::changeable(&tx, caller.identity().role, id).await?;
    if !user.active {
        return Err(Problem::conflict("user_inactive", "this person is deactivated").into());
    }
    let issued = invitations::issue(&app, &tx, &user).await?;
    tx.commit().await?;
    Ok(Json(InvitationView {
        invite_url: issued.url,
        invite_expires_at: issued.expires_at,
    }))
}

/// Takes an open invitation back.
#[utoipa::path(delete, path = "/api/users/{id}/invite", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
async fn take_back(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    changes::changeable(&tx, caller.identity().role, id).await?;
    if invitations::revoke(&tx, id).await? > 0 {
        tx.audit(AuditEntry {
            action: "user.invitation_revoked",
            record_type: "user",
            record_id: Some(id),
            changes: json!({}),
        })
        .await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is invited, by whom.
#[derive(Serialize, ToSchema)]
#[schema(as = Invited)]
struct InvitedView {
    name: String,
    email: String,
    role: String,
    business_name: String,
}

/// Whom this invitation is for. 410 when it was used or taken back, or its seven days are over.
#[utoipa::path(get, path = "/api/auth/invite/{token}", params(("token" = String, Path)),
    responses((status = 200, body = InvitedView), (status = 404), (status = 410)))]
async fn look(State(app): State<AppState>, Path(token): Path<String>) -> Result<Json<InvitedView>, ApiError> {
    let open = invitations::look(&app, &token).await?;
    Ok(Json(InvitedView {
        name: open.user.name,
        email: open.user.email,
        role: open.user.role,
        business_name: open.business.name,
    }))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationAnswer)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    #[schema(value_type = String)]
    password: SecretString,
    name: Option<String>,
    phone: Option<String>,
}

/// Chooses a password, and is signed in.
#[utoipa::path(post, path = "/api/auth/invite/{token}", params(("token" = String, Path)), request_body = AnswerBody,
    responses((status = 200, body = Me), (status = 404), (status = 410), (status = 422)))]
async fn accept(
    State(app): State<AppState>,
    origin: Origin,
    jar: CookieJar,
    Path(token): Path<String>,
    ApiJson(body): ApiJson<AnswerBody>,
) -> Result<(CookieJar, Json<Me>), ApiError> {
    if body.password.expose_secret().is_empty() {
        return Err(Problem::missing("password").into());
    }
    let answer = Answer {
        password: body.password,
        name: body.name.as_deref().map(checked_name).transpose()?,
        phone: body.phone.as_deref().map(checked_phone).transpose()?,
    };
    let granted = invitations::accept(&app, &token, answer, origin).await?;
    app.calls.directory.invalidate();
    Ok(granted_answer(&app, jar, &granted))
}
