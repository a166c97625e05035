//! Working on calls that wait.

use axum::{
    Json,
    extract::{Path, State},
};
use kernel::{CustomerId, Problem};
use platform::http::{ApiError, ApiJson};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{named, own_user};
use crate::{
    AppState,
    accounts::sessions::Caller,
    calls::{
        actions::{self, audit},
        views::{self, CallRow},
    },
};

/// Takes a call in hand for 30 minutes. 409 `claimed` while someone else has it.
#[utoipa::path(post, path = "/api/calls/{id}/claim", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = CallRow), (status = 404), (status = 409)))]
pub(super) async fn claim(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CallRow>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.write(&scope).await?;
    let call = actions::claim(&tx, id, own_user(&scope)).await?;
    audit(&tx, "call.claimed", id, json!({})).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let row = row(&tx, call).await?;
    tx.commit().await?;
    Ok(Json(row))
}

async fn row(tx: &platform::db::ReadTx, call: crate::calls::store::call::Model) -> Result<CallRow, Problem> {
    let calls = [call];
    let mut rows = views::rows(tx, &calls).await?;
    rows.pop().ok_or_else(Problem::internal)
}

/// Says that the caller was dealt with.
#[utoipa::path(post, path = "/api/calls/{id}/handle", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = CallRow), (status = 404)))]
pub(super) async fn handle(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CallRow>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let user = own_user(&scope);
    let tx = app.db.write(&scope).await?;
    let call = actions::handle(&tx, id, user).await?;
    audit(&tx, "call.handled", id, json!({})).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let row = row(&tx, call).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// Takes back that the caller was dealt with: they wait again. 409 `not_handled` when nobody has.
#[utoipa::path(post, path = "/api/calls/{id}/unhandle", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = CallRow), (status = 404), (status = 409)))]
pub(super) async fn unhandle(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CallRow>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.write(&scope).await?;
    let call = actions::unhandle(&tx, id).await?;
    audit(&tx, "call.unhandled", id, json!({})).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let row = row(&tx, call).await?;
    tx.commit().await?;
    Ok(Json(row))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkBody {
    customer_id: i64,
}

/// Says whose call it was.
#[utoipa::path(post, path = "/api/calls/{id}/link", params(("id" = String, Path, description = "id or CallSid")),
    request_body = LinkBody, responses((status = 200, body = CallRow), (status = 404), (status = 410)))]
pub(super) async fn link(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<LinkBody>,
) -> Result<Json<CallRow>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.write(&scope).await?;
    let call = actions::link(&tx, id, CustomerId::new(body.customer_id)).await?;
    audit(&tx, "call.linked", id, json!({ "customer_id": body.customer_id })).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let row = row(&tx, call).await?;
    tx.commit().await?;
    Ok(Json(row))
}

/// Takes the link to a customer back.
#[utoipa::path(post, path = "/api/calls/{id}/unlink", params(("id" = String, Path, description = "id or CallSid")),
    responses((status = 200, body = CallRow), (status = 404)))]
pub(super) async fn unlink(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CallRow>, ApiError> {
    let (scope, id) = named(&app, &caller, &id).await?;
    let tx = app.db.write(&scope).await?;
    let call = actions::unlink(&tx, id).await?;
    audit(&tx, "call.unlinked", id, json!({})).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    let row = row(&tx, call).await?;
    tx.commit().await?;
    Ok(Json(row))
}
