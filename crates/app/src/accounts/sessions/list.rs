//! `/api/auth/sessions`: where one is signed in, and ending that.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    bus::Revocation,
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, PathId,
        list::{self, Listed, Paging, PagingParams, Sort},
    },
};
use sea_orm::ColumnTrait;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Caller, device,
    store::session::{Column, Entity, Model},
};
use crate::{AppState, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    let own = Permission::OwnAccount;
    OpenApiRouter::new()
        .routes(guarded(own, routes!(list_sessions, end_other_sessions)))
        .routes(guarded(own, routes!(end_session)))
}

/// A place where one is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    id: i64,
    /// `Chrome`, `Safari`, …; null when it is none that we know.
    browser: Option<&'static str>,
    /// `Windows`, `iPhone`, …; null when it is none that we know.
    system: Option<&'static str>,
    user_agent: Option<String>,
    /// Where it was signed in from.
    ip: Option<String>,
    /// The one that asks.
    current: bool,
    created_at: DateTime<Utc>,
    /// To within 15 minutes.
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

fn view(session: Model, current: i64) -> SessionView {
    let user_agent = session.user_agent.as_deref().unwrap_or_default();
    SessionView {
        browser: device::browser(user_agent),
        system: device::system(user_agent),
        current: session.id == current,
        id: session.id,
        user_agent: session.user_agent,
        ip: session.ip,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    }
}

/// The own sessions that hold, the newest first; `sort=-last_seen_at` for the last used.
#[utoipa::path(get, path = "/api/auth/sessions", params(PagingParams),
    responses((status = 200, body = Listed<SessionView>)))]
async fn list_sessions(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
) -> Result<Json<Listed<SessionView>>, ApiError> {
    let tx = app.db.read(&caller.own()?).await?;
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
        Sort {
            name: "last_seen_at",
            column: Column::LastSeenAt,
        },
    ];
    let find = tx
        .find::<Entity>()
        .filter(Column::UserId.eq(caller.identity().user.get()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()));
    let page = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    let current = caller.identity().session_id;
    Ok(Json(page.map(|session| view(session, current))))
}

/// Ends one of the own sessions at once, its sockets included. 404 for one that is another person's or over.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
async fn end_session(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    if !revoke(&tx, &caller, id).await? {
        return Err(Problem::not_found().into());
    }
    tx.commit().await?;
    app.bus.revoke(Revocation::Session(id));
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of the own sessions but the one that asks.
#[utoipa::path(delete, path = "/api/auth/sessions", responses((status = 204)))]
async fn end_other_sessions(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, ApiError> {
    let tx = app.db.write(&caller.own()?).await?;
    let others = tx
        .find::<Entity>()
        .filter(Column::UserId.eq(caller.identity().user.get()))
        .filter(Column::Id.ne(caller.identity().session_id))
        .filter(Column::RevokedAt.is_null())
        .all()
        .await?;
    for other in &others {
        revoke(&tx, &caller, other.id).await?;
    }
    tx.commit().await?;
    for other in others {
        app.bus.revoke(Revocation::Session(other.id));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(tx: &WriteTx, caller: &Caller, id: i64) -> Result<bool, Problem> {
    let ended = tx
        .update_many::<Entity>()?
        .col(Column::RevokedAt, tx.now())
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(caller.identity().user.get()))
        .filter(Column::RevokedAt.is_null())
        .exec()
        .await?;
    if ended > 0 {
        tx.audit(AuditEntry {
            action: "session.revoked",
            record_type: "session",
            record_id: Some(id),
            changes: json!({}),
        })
        .await?;
    }
    Ok(ended > 0)
}
