//! `/api/customer_statuses`: the five that every business has, and those that one has added.

use axum::{Json, extract::State, http::Uri};
use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, Owned, ReadTx, WriteTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::{Faults, Lines},
        list::{self, from_query},
    },
};
use sea_orm::{ActiveValue::Set, IntoActiveModel, Order, entity::prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Status, is_key},
    words,
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

const MAX_LABEL_CHARS: usize = 60;
/// A business has no more of its own.
const MOST_STATUSES: u64 = 50;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_statuses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub key: String,
    pub label: String,
    pub position: i32,
    /// Not offered any more; customers who have it keep it.
    pub archived: bool,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::FieldsRead, routes!(list_statuses)))
        .routes(guarded(Permission::FieldsWrite, routes!(create_status)))
        .routes(guarded(Permission::FieldsWrite, routes!(update_status)))
}

/// 422 for a status that this business does not have. One that the customer has already may stay.
pub async fn check(tx: &ReadTx, current: Option<&str>, status: Option<&Status>) -> Result<(), Problem> {
    let Some(Status::Own(key)) = status else {
        return Ok(());
    };
    if current == Some(key.as_str()) {
        return Ok(());
    }
    let known = tx
        .find::<Entity>()
        .filter(Column::Key.eq(key.as_str()))
        .filter(Column::Archived.eq(false))
        .one()
        .await?;
    match known {
        Some(_) => Ok(()),
        None => Err(Problem::invalid("status", "unknown_status", "there is no such status")),
    }
}

/// How far a lead has come.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomerStatus)]
struct StatusView {
    /// Null for one that every business has.
    id: Option<i64>,
    key: String,
    label: String,
    position: i32,
    archived: bool,
}

impl From<Model> for StatusView {
    fn from(status: Model) -> Self {
        Self {
            id: Some(status.id),
            key: status.key,
            label: status.label,
            position: status.position,
            archived: status.archived,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Statuses {
    results: Vec<StatusView>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// For an admin: of this business.
    business_id: Option<String>,
}

/// All statuses: the five of every business, then its own in their order.
#[utoipa::path(get, path = "/api/customer_statuses", params(Filter), responses((status = 200, body = Statuses)))]
async fn list_statuses(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<Statuses>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_create(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let own = tx
        .find::<Entity>()
        .order_by(Column::Position, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(MOST_STATUSES)
        .all()
        .await?;
    let built_in = Status::BUILT_IN.iter().zip(0..).map(|(status, position)| StatusView {
        id: None,
        key: status.as_str().to_owned(),
        label: words::built_in_status(status).to_owned(),
        position,
        archived: false,
    });
    Ok(Json(Statuses {
        results: built_in.chain(own.into_iter().map(StatusView::from)).collect(),
    }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct StatusBody {
    /// A lower-case letter, then letters, digits and `_`. Only when it is created; made up when it is not given.
    key: Option<String>,
    /// Required when it is created.
    label: Option<String>,
    position: Option<i32>,
    archived: Option<bool>,
    /// When an admin creates a status: for which business.
    business_id: Option<i64>,
}

impl StatusBody {
    fn label(&self) -> Result<Option<String>, Problem> {
        let Some(label) = &self.label else {
            return Ok(None);
        };
        let mut faults = Faults::default();
        let label = faults.text("label", label, MAX_LABEL_CHARS, Lines::One);
        faults.done()?;
        label.map(Some).ok_or_else(|| Problem::missing("label"))
    }
}

/// A status of one's own. 409 `already_exists` for a key that is taken.
#[utoipa::path(post, path = "/api/customer_statuses", request_body = StatusBody,
    responses((status = 201, body = StatusView), (status = 409), (status = 422)))]
async fn create_status(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<StatusBody>,
) -> Result<Tagged<StatusView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let label = body.label()?.ok_or_else(|| Problem::missing("label"))?;
    let tx = app.db.write(&scope).await?;
    let many = tx.find::<Entity>().count().await?;
    if many >= MOST_STATUSES {
        return Err(Problem::conflict("too_many", format!("a business has {MOST_STATUSES} statuses at most")).into());
    }
    let key = match &body.key {
        Some(key) => new_key(key)?,
        None => format!("status_{}", many + 1),
    };
    let row = ActiveModel {
        key: Set(key),
        label: Set(label),
        position: Set(body.position.unwrap_or_default()),
        archived: Set(body.archived.unwrap_or_default()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let status = tx.insert(row).await?;
    audited(&tx, &status, "customer_status.created").await?;
    tx.commit().await?;
    Ok(Tagged::created(status.version, status.into()))
}

fn new_key(key: &str) -> Result<String, Problem> {
    let built_in = Status::BUILT_IN.iter().any(|status| status.as_str() == key);
    if built_in {
        return Err(Problem::conflict("already_exists", "every business has this status"));
    }
    if !is_key(key) {
        return Err(Problem::invalid(
            "key",
            "invalid_key",
            "is a lower-case letter, then letters, digits and _, 40 at most",
        ));
    }
    Ok(key.to_owned())
}

/// Renames, moves, archives.
#[utoipa::path(patch, path = "/api/customer_statuses/{id}", params(("id" = i64, Path)), request_body = StatusBody,
    responses((status = 200, body = StatusView), (status = 404), (status = 412), (status = 422)))]
async fn update_status(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<StatusBody>,
) -> Result<Tagged<StatusView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let before = tx.get::<Entity>(id).await?;
    seen.check(before.version)?;
    if body.key.as_ref().is_some_and(|key| *key != before.key) {
        return Err(Problem::invalid("key", "fixed", "the key of a status stays").into());
    }
    let label = body.label()?;
    let version = before.version;
    let mut row = before.into_active_model();
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    if let Some(label) = label {
        row.label = Set(label);
    }
    if let Some(position) = body.position {
        row.position = Set(position);
    }
    if let Some(archived) = body.archived {
        row.archived = Set(archived);
    }
    let status = tx.update(row).await?;
    audited(&tx, &status, "customer_status.updated").await?;
    tx.commit().await?;
    Ok(Tagged::new(status.version, status.into()))
}

async fn audited(tx: &WriteTx, status: &Model, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "customer_status",
        record_id: Some(status.id),
        changes: json!({ "key": status.key, "label": status.label, "archived": status.archived }),
    })
    .await?;
    Ok(())
}
