//! `/api/crm/customers/bulk` and `/api/crm/bulk`.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::{ApiError, ApiJson, PathId},
    jobs::Enqueue,
};
use sea_orm::{ActiveValue::Set, Order};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    edit::Edit,
    jobs::{RunBulk, begin_undo},
    selection::Selection,
    store::{ActiveModel, Entity, Model},
    undo::UndoBulk,
};
use crate::{
    AppState,
    accounts::sessions::Caller,
    api::guarded,
    crm::{
        customers::{batch, store as customers},
        imports::{Accepted, UNDONE_WITHIN, model::Status},
    },
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CustomersBulk, routes!(edit_customers)))
        .routes(guarded(Permission::CustomersBulk, routes!(get_bulk)))
        .routes(guarded(Permission::CustomersBulk, routes!(undo_bulk)))
}

/// Which customers, and what is done with each.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkBody {
    /// These customers; or give `filter`.
    ids: Option<Vec<i64>>,
    /// The query parameters of the customers' list: all that it would show.
    #[schema(value_type = Option<Object>)]
    filter: Option<Map<String, Value>>,
    /// As the body of a customer; names, phones, e-mails and tax ids are not written into many. What is said of tags
    /// replaces them.
    #[schema(value_type = Option<Object>)]
    set: Option<Map<String, Value>>,
    add_tags: Option<Vec<String>>,
    remove_tags: Option<Vec<String>>,
    /// Deletes them, and nothing else.
    delete: Option<bool>,
    /// For an admin: in which business.
    business_id: Option<i64>,
}

/// A bulk edit and how far it has come.
#[derive(Serialize, ToSchema)]
struct Bulk {
    id: i64,
    status: Status,
    /// How many customers were meant when it was asked for.
    rows: i64,
    done: i64,
    /// How many of them it really changed.
    changed: i64,
    /// How many an undo has put back.
    undone: i64,
    /// Customers that an undo left as they are, because somebody changed them since; the first thousand.
    #[schema(value_type = Vec<i64>)]
    kept: Value,
    kept_count: i64,
    failure: Option<String>,
    created_by_id: Option<i64>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    undone_at: Option<DateTime<Utc>>,
}

impl From<Model> for Bulk {
    fn from(bulk: Model) -> Self {
        Self {
            id: bulk.id,
            status: Status::parse(&bulk.status),
            rows: bulk.rows,
            done: bulk.done,
            changed: bulk.changed,
            undone: bulk.undone,
            kept: bulk.kept,
            kept_count: bulk.kept_count,
            failure: bulk.failure,
            created_by_id: bulk.created_by_id,
            created_at: bulk.created_at,
            finished_at: bulk.finished_at,
            undone_at: bulk.undone_at,
        }
    }
}

/// Changes or deletes many customers at once. 404 when none of them is there.
#[utoipa::path(post, path = "/api/crm/customers/bulk", request_body = BulkBody,
    responses((status = 202, body = Accepted), (status = 400), (status = 404), (status = 422)))]
async fn edit_customers(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<BulkBody>,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let edit = Edit {
        set: body.set.unwrap_or_default(),
        add_tags: body.add_tags.unwrap_or_default(),
        remove_tags: body.remove_tags.unwrap_or_default(),
        delete: body.delete.unwrap_or_default(),
    };
    let edit = edit.checked()?;
    let selection = Selection::read(body.ids, body.filter)?;
    let tx = app.db.write(&scope).await?;
    let bulk = start(&tx, &selection, &edit).await?;
    tx.commit().await?;
    Ok(accepted(&bulk))
}

fn accepted(bulk: &Model) -> (StatusCode, Json<Accepted>) {
    let status = Status::parse(&bulk.status);
    (StatusCode::ACCEPTED, Json(Accepted { id: bulk.id, status }))
}

async fn start(tx: &WriteTx, selection: &Selection, edit: &Edit) -> Result<Model, Problem> {
    batch::check(tx, &edit.fields()?).await?;
    let rows = selection.count(tx).await?;
    if rows == 0 {
        return Err(Problem::not_found());
    }
    let newest = tx
        .find::<customers::Entity>()
        .order_by(customers::Column::Id, Order::Desc);
    let newest = newest.limit(1).one().await?;
    let row = ActiveModel {
        status: Set(Status::Queued.as_str().to_owned()),
        selection: Set(json!(selection)),
        edit: Set(json!(edit)),
        rows: Set(i64::try_from(rows).unwrap_or(i64::MAX)),
        done: Set(0),
        changed: Set(0),
        undone: Set(0),
        kept: Set(json!([])),
        kept_count: Set(0),
        last_id: Set(0),
        max_id: Set(newest.map_or(0, |customer| customer.id)),
        created_by_id: Set(tx.scope().actor().user_id().map(kernel::UserId::get)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let bulk = tx.insert(row).await?;
    tx.enqueue(&RunBulk { bulk_id: bulk.id }, Enqueue::default()).await?;
    let fields: Vec<&String> = edit.set.keys().collect();
    tx.audit(AuditEntry {
        action: if edit.delete {
            "customers.bulk_deleted"
        } else {
            "customers.bulk_edited"
        },
        record_type: "bulk",
        record_id: Some(bulk.id),
        changes: json!({
            "rows": rows, "fields": fields, "add_tags": edit.add_tags.len(), "remove_tags": edit.remove_tags.len(),
        }),
    })
    .await?;
    Ok(bulk)
}

/// A bulk edit.
#[utoipa::path(get, path = "/api/crm/bulk/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = Bulk), (status = 404)))]
async fn get_bulk(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<Json<Bulk>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    Ok(Json(tx.get::<Entity>(id).await?.into()))
}

/// Undoes a bulk edit within 30 days. Customers that were changed since stay as they are and are named in `kept`.
#[utoipa::path(post, path = "/api/crm/bulk/{id}/undo", params(("id" = i64, Path)),
    responses((status = 202, body = Accepted), (status = 404), (status = 409)))]
async fn undo_bulk(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let bulk = tx.find::<Entity>().by_id(id).lock().one().await?;
    let bulk = bulk.ok_or_else(Problem::not_found)?;
    match Status::parse(&bulk.status) {
        Status::Undoing | Status::Undone => Err(Problem::conflict("already_undone", "it is undone already")),
        status if !status.can_be_undone() => Err(Problem::conflict("bulk_running", "it has not come to its end")),
        _ if bulk.finished_at.is_some_and(|at| at + UNDONE_WITHIN < tx.now()) => {
            Err(Problem::conflict("too_late", "a bulk edit can be undone for 30 days"))
        }
        _ => Ok(()),
    }?;
    let bulk = begin_undo(&tx, id).await?;
    tx.enqueue(&UndoBulk { bulk_id: id }, Enqueue::default()).await?;
    tx.audit(AuditEntry {
        action: "customers.bulk_undone",
        record_type: "bulk",
        record_id: Some(id),
        changes: json!({ "changed": bulk.changed }),
    })
    .await?;
    tx.commit().await?;
    Ok(accepted(&bulk))
}
