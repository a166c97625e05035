//! `/api/crm/customers/{id}/notes` and `/api/crm/notes/{id}`.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kernel::{CustomerId, Permission};
use platform::http::{
    ApiError, ApiJson, IfMatch, PathId, Tagged,
    list::{self, Listed, Paging, PagingParams, Sort},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{self, Written},
    store::{Column, Entity, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded, crm::customers};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CustomersRead, routes!(list_notes)))
        .routes(guarded(Permission::CustomersWrite, routes!(create_note)))
        .routes(guarded(Permission::CustomersWrite, routes!(update_note)))
        .routes(guarded(Permission::CustomersWrite, routes!(delete_note)))
}

/// What somebody wrote down about a customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
struct NoteView {
    id: i64,
    business_id: i64,
    customer_id: i64,
    author_id: Option<i64>,
    text: String,
    /// Ids of the users who are mentioned.
    mentions: Vec<i64>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Model> for NoteView {
    fn from(note: Model) -> Self {
        Self {
            mentions: note.mentioned(),
            id: note.id,
            business_id: note.business_id,
            customer_id: note.customer_id,
            author_id: note.author_id,
            text: note.text,
            created_at: note.created_at,
            updated_at: note.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    text: String,
    /// Users who are mentioned beside those whose names stand after an `@` in the text.
    #[serde(default)]
    mentions: Vec<i64>,
}

impl From<NoteBody> for Written {
    fn from(body: NoteBody) -> Self {
        Self {
            text: body.text,
            mentions: body.mentions,
        }
    }
}

/// A customer's notes, the newest first.
#[utoipa::path(get, path = "/api/crm/customers/{id}/notes", params(("id" = i64, Path), PagingParams),
    responses((status = 200, body = Listed<NoteView>), (status = 404), (status = 410)))]
async fn list_notes(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    paging: Paging,
) -> Result<Json<Listed<NoteView>>, ApiError> {
    let scope = caller.for_record::<customers::store::Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let customer = customers::store::get(&tx, CustomerId::new(id)).await?;
    let find = tx.find::<Entity>().filter(Column::CustomerId.eq(customer.id));
    let sorts: [Sort<Entity>; 1] = [Sort {
        name: "created_at",
        column: Column::CreatedAt,
    }];
    let page = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(page.map(NoteView::from)))
}

/// A new note. Who is mentioned hears of it.
#[utoipa::path(post, path = "/api/crm/customers/{id}/notes", params(("id" = i64, Path)), request_body = NoteBody,
    responses((status = 201, body = NoteView), (status = 404), (status = 410), (status = 422)))]
async fn create_note(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    ApiJson(body): ApiJson<NoteBody>,
) -> Result<Tagged<NoteView>, ApiError> {
    let scope = caller.for_record::<customers::store::Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let note = actions::create(&tx, CustomerId::new(id), body.into()).await?;
    tx.commit().await?;
    Ok(Tagged::created(note.version, note.into()))
}

/// Writes one's own note anew.
#[utoipa::path(patch, path = "/api/crm/notes/{id}", params(("id" = i64, Path)), request_body = NoteBody,
    responses((status = 200, body = NoteView), (status = 403), (status = 404), (status = 410), (status = 412), (status = 422)))]
async fn update_note(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<NoteBody>,
) -> Result<Tagged<NoteView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let note = actions::update(&tx, id, &seen, body.into()).await?;
    tx.commit().await?;
    Ok(Tagged::new(note.version, note.into()))
}

/// Takes away one's own note; who may delete customers may take away anybody's.
#[utoipa::path(delete, path = "/api/crm/notes/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 410)))]
async fn delete_note(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    actions::delete(&tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
