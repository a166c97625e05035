//! `/api/canned_replies`: what people of the business write again and again.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::{Faults, Lines},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState,
    accounts::sessions::Caller,
    threads::{
        model::MOST_TEXT_CHARS,
        store::canned::{ActiveModel, Column, Entity, Model},
    },
};

/// A text that is put into the composer by its shortcut.
#[derive(Serialize, ToSchema)]
#[schema(as = CannedReply)]
pub(super) struct CannedView {
    id: i64,
    business_id: i64,
    /// What is typed after `/`.
    shortcut: String,
    text: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Model> for CannedView {
    fn from(canned: Model) -> Self {
        Self {
            id: canned.id,
            business_id: canned.business_id,
            shortcut: canned.shortcut,
            text: canned.text,
            created_at: canned.created_at,
            updated_at: canned.updated_at,
        }
    }
}

/// A canned reply as a client writes it; in an update what is not mentioned stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CannedReplyBody)]
pub(super) struct CannedBody {
    shortcut: Option<String>,
    text: Option<String>,
    /// When an admin makes one: for which business.
    business_id: Option<i64>,
}

impl CannedBody {
    /// Shortcut and text.
    fn checked(self) -> Result<(Option<String>, Option<String>), Problem> {
        let mut faults = Faults::default();
        let shortcut = self.shortcut.as_deref().map(|text| text.trim().trim_start_matches('/'));
        let shortcut = shortcut.and_then(|text| faults.text("shortcut", text, 40, Lines::One));
        let text = self
            .text
            .and_then(|text| faults.text("text", &text, MOST_TEXT_CHARS, Lines::Many));
        faults.done()?;
        Ok((shortcut, text))
    }
}

fn taken(err: platform::db::DbError) -> Problem {
    if err.is_duplicate() {
        return Problem::conflict("shortcut_exists", "there is one with this shortcut already");
    }
    err.into()
}

async fn audited(tx: &WriteTx, id: i64, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "canned_reply",
        record_id: Some(id),
        changes: json!({}),
    })
    .await?;
    Ok(())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// For an admin: only this business.
    business_id: Option<String>,
}

/// The business's canned replies, by their shortcuts.
#[utoipa::path(get, path = "/api/canned_replies", params(PagingParams, Filter),
    responses((status = 200, body = Listed<CannedView>)))]
pub(super) async fn list_canned(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<CannedView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "shortcut",
            column: Column::Shortcut,
        },
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
    ];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "shortcut", Column::Id).await?;
    Ok(Json(page.map(CannedView::from)))
}

/// A new canned. 409 `shortcut_exists`.
#[utoipa::path(post, path = "/api/canned_replies", request_body = CannedBody,
    responses((status = 201, body = CannedView), (status = 409), (status = 422)))]
pub(super) async fn create_canned(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<CannedBody>,
) -> Result<Tagged<CannedView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let (shortcut, text) = body.checked()?;
    let shortcut = shortcut.ok_or_else(|| Problem::missing("shortcut"))?;
    let text = text.ok_or_else(|| Problem::missing("text"))?;
    let tx = app.db.write(&scope).await?;
    let row = ActiveModel {
        shortcut: Set(shortcut),
        text: Set(text),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let canned = tx.insert(row).await.map_err(taken)?;
    audited(&tx, canned.id, "canned_reply.created").await?;
    tx.commit().await?;
    Ok(Tagged::created(canned.version, canned.into()))
}

/// Changes what is mentioned.
#[utoipa::path(patch, path = "/api/canned_replies/{id}", params(("id" = i64, Path)), request_body = CannedBody,
    responses((status = 200, body = CannedView), (status = 404), (status = 409), (status = 412), (status = 422)))]
pub(super) async fn update_canned(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<CannedBody>,
) -> Result<Tagged<CannedView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let (shortcut, text) = body.checked()?;
    let tx = app.db.write(&scope).await?;
    let before = tx
        .find::<Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)?;
    seen.check(before.version)?;
    let version = before.version;
    let mut row = before.into_active_model();
    if let Some(shortcut) = shortcut {
        row.shortcut = Set(shortcut);
    }
    if let Some(text) = text {
        row.text = Set(text);
    }
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    let canned = tx.update(row).await.map_err(taken)?;
    audited(&tx, id, "canned_reply.updated").await?;
    tx.commit().await?;
    Ok(Tagged::new(canned.version, canned.into()))
}

/// Takes a canned reply away.
#[utoipa::path(delete, path = "/api/canned_replies/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn delete_canned(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    tx.get::<Entity>(id).await?;
    tx.rows("canned_replies")?.with("id", id).delete().await?;
    audited(&tx, id, "canned_reply.deleted").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
