//! `/api/views`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem, UserId};
use platform::{
    db::{AuditEntry, ReadTx, WriteTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::text_param,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    body::{Fields, ViewBody},
    store::{self, ActiveModel, Column, Entity, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

/// Views of one person at most.
const MOST_VIEWS: u64 = 200;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::ViewsUse, routes!(list_views)))
        .routes(guarded(Permission::ViewsUse, routes!(create_view)))
        .routes(guarded(Permission::ViewsUse, routes!(get_view)))
        .routes(guarded(Permission::ViewsUse, routes!(update_view)))
        .routes(guarded(Permission::ViewsUse, routes!(delete_view)))
}

/// A saved view of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = View)]
struct ViewView {
    id: i64,
    business_id: i64,
    /// Who made it.
    user_id: i64,
    name: String,
    /// `customers`, `calls`, `tasks`, …
    entity: String,
    shared: bool,
    #[schema(value_type = Object)]
    filters: Value,
    sort: Option<String>,
    #[schema(value_type = Vec<String>)]
    columns: Value,
    /// `comfortable` or `compact`.
    density: String,
    position: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Model> for ViewView {
    fn from(view: Model) -> Self {
        Self {
            id: view.id,
            business_id: view.business_id,
            user_id: view.user_id,
            name: view.name,
            entity: view.entity,
            shared: view.shared,
            filters: view.filters,
            sort: view.sort,
            columns: view.columns,
            density: view.density,
            position: view.position,
            created_at: view.created_at,
            updated_at: view.updated_at,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only views of this list.
    entity: Option<String>,
}

/// One's own views and the shared ones, in their order.
#[utoipa::path(get, path = "/api/views", params(PagingParams, Filter),
    responses((status = 200, body = Listed<ViewView>)))]
async fn list_views(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<ViewView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    let mut find = store::visible(&tx);
    if let Some(entity) = &filter.entity {
        find = find.filter(Column::Entity.eq(text_param("entity", entity)?));
    }
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "position",
            column: Column::Position,
        },
        Sort {
            name: "name",
            column: Column::Name,
        },
    ];
    let page = list::list(find, &paging, &sorts, "position", Column::Id).await?;
    Ok(Json(page.map(ViewView::from)))
}

/// A new view. Sharing it needs the permission `views:share`.
#[utoipa::path(post, path = "/api/views", request_body = ViewBody,
    responses((status = 201, body = ViewView), (status = 403), (status = 422)))]
async fn create_view(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<ViewBody>,
) -> Result<Tagged<ViewView>, ApiError> {
    let scope = caller.own()?;
    let entity = body.entity.ok_or_else(|| Problem::missing("entity"));
    let fields = body.checked()?;
    let name = fields.name.clone().ok_or_else(|| Problem::missing("name"))?;
    let entity = entity?;
    if fields.shared == Some(true) {
        scope.require(Permission::ViewsShare)?;
    }
    let user = scope.actor().user_id().ok_or_else(Problem::internal)?;
    let tx = app.db.write(&scope).await?;
    check_number(&tx, user).await?;
    let row = ActiveModel {
        user_id: Set(user.get()),
        name: Set(name),
        entity: Set(entity.as_str().to_owned()),
        shared: Set(fields.shared.unwrap_or_default()),
        filters: Set(Value::Object(fields.filters.unwrap_or_default())),
        sort: Set(fields.sort.flatten()),
        columns: Set(fields.columns.unwrap_or_default().into()),
        density: Set(fields.density.unwrap_or_default().as_str().to_owned()),
        position: Set(fields.position.unwrap_or_default()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let view = tx.insert(row).await?;
    audited(&tx, &view, "view.created").await?;
    tx.commit().await?;
    Ok(Tagged::created(view.version, view.into()))
}

async fn check_number(tx: &ReadTx, user: UserId) -> Result<(), Problem> {
    let own = tx
        .find::<Entity>()
        .filter(Column::UserId.eq(user.get()))
        .count()
        .await?;
    if own >= MOST_VIEWS {
        return Err(Problem::conflict(
            "too_many",
            format!("a person has {MOST_VIEWS} views at most"),
        ));
    }
    Ok(())
}

/// One view.
#[utoipa::path(get, path = "/api/views/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = ViewView), (status = 404)))]
async fn get_view(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<ViewView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let view = store::get(&tx, id).await?;
    Ok(Tagged::new(view.version, view.into()))
}

/// Changes what is mentioned of one's own view. A shared one, and sharing, need the permission `views:share`.
#[utoipa::path(patch, path = "/api/views/{id}", params(("id" = i64, Path)), request_body = ViewBody,
    responses((status = 200, body = ViewView), (status = 403), (status = 404), (status = 412), (status = 422)))]
async fn update_view(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<ViewBody>,
) -> Result<Tagged<ViewView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let before = locked(&tx, id).await?;
    seen.check(before.version)?;
    if body.entity.is_some_and(|entity| entity.as_str() != before.entity) {
        return Err(Problem::invalid("entity", "fixed", "a view stays with its list").into());
    }
    let fields = body.checked()?;
    let shares = fields.shared.is_some_and(|shared| shared != before.shared);
    check_may_change(&tx, &before, shares)?;
    let view = tx.update(changed(before, fields, &tx)).await?;
    audited(&tx, &view, "view.updated").await?;
    tx.commit().await?;
    Ok(Tagged::new(view.version, view.into()))
}

fn changed(before: Model, fields: Fields, tx: &WriteTx) -> ActiveModel {
    let version = before.version;
    let mut row = before.into_active_model();
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    macro_rules! take {
        ($($field:ident: $value:expr),* $(,)?) => {$(
            if let Some(value) = $value {
                row.$field = Set(value);
            }
        )*};
    }
    take! {
        name: fields.name,
        shared: fields.shared,
        filters: fields.filters.map(Value::Object),
        sort: fields.sort,
        columns: fields.columns.map(Value::from),
        density: fields.density.map(|density| density.as_str().to_owned()),
        position: fields.position,
    }
    row
}

/// Takes a view away, as it may be changed.
#[utoipa::path(delete, path = "/api/views/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
async fn delete_view(State(app): State<AppState>, caller: Caller, PathId(id): PathId) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let view = locked(&tx, id).await?;
    check_may_change(&tx, &view, false)?;
    tx.delete_many::<Entity>()?.filter(Column::Id.eq(id)).exec().await?;
    audited(&tx, &view, "view.deleted").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn locked(tx: &WriteTx, id: i64) -> Result<Model, Problem> {
    let view = store::visible(tx).by_id(id).lock().one().await?;
    view.ok_or_else(Problem::not_found)
}

/// What others see is changed by who may share; what nobody else sees, by its owner.
fn check_may_change(tx: &WriteTx, view: &Model, shares: bool) -> Result<(), Problem> {
    if view.shared || shares {
        tx.scope().require(Permission::ViewsShare)?;
    }
    Ok(())
}

async fn audited(tx: &WriteTx, view: &Model, action: &'static str) -> Result<(), Problem> {
    tx.audit(AuditEntry {
        action,
        record_type: "view",
        record_id: Some(view.id),
        changes: json!({ "entity": view.entity, "shared": view.shared }),
    })
    .await?;
    Ok(())
}
