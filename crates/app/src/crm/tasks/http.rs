//! `/api/tasks`.

use std::collections::HashMap;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem, TaskId};
use platform::{
    db::ReadTx,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::time_param,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions,
    model::{NewTask, Priority, Status, TaskBody},
    snooze::{self, SnoozeBody},
    store::{self, Column, Entity, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded, crm::customers};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::TasksRead, routes!(list_tasks)))
        .routes(guarded(Permission::TasksWrite, routes!(create_task)))
        .routes(guarded(Permission::TasksRead, routes!(get_task)))
        .routes(guarded(Permission::TasksWrite, routes!(update_task)))
        .routes(guarded(Permission::TasksWrite, routes!(complete_task)))
        .routes(guarded(Permission::TasksWrite, routes!(reopen_task)))
        .routes(guarded(Permission::TasksWrite, routes!(snooze_task)))
        .routes(guarded(Permission::TasksDelete, routes!(delete_task)))
}

/// Something to do.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskView {
    pub id: i64,
    pub business_id: i64,
    pub title: String,
    pub notes: Option<String>,
    pub customer_id: Option<i64>,
    /// Null without a customer, and while nobody has said a name.
    pub customer_name: Option<String>,
    /// The call that it comes from.
    pub call_id: Option<i64>,
    pub assignee_id: Option<i64>,
    pub due_at: Option<DateTime<Utc>>,
    /// `low`, `normal` or `high`.
    pub priority: String,
    /// `open`, `snoozed` or `done`.
    pub status: String,
    /// `manual`, `call`, `whatsapp` or `rule`.
    pub source: String,
    pub completed_at: Option<DateTime<Utc>>,
    pub completed_by_id: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deal_id: Option<i64>,
    /// An RFC 5545 rule in the business's zone.
    pub repeat: Option<String>,
    /// The alarm comes so long before `due_at`.
    pub remind_before_minutes: Option<i32>,
}

impl TaskView {
    fn new(task: Model, names: &HashMap<i64, String>) -> Self {
        Self {
            customer_name: task.customer_id.and_then(|id| names.get(&id).cloned()),
            id: task.id,
            business_id: task.business_id,
            title: task.title,
            notes: task.notes,
            customer_id: task.customer_id,
            call_id: task.call_id,
            assignee_id: task.assignee_id,
            due_at: task.due_at,
            priority: task.priority,
            status: task.status,
            source: task.source,
            completed_at: task.completed_at,
            completed_by_id: task.completed_by_id,
            created_at: task.created_at,
            updated_at: task.updated_at,
            deal_id: task.deal_id,
            repeat: task.repeat,
            remind_before_minutes: task.remind_before_minutes,
        }
    }

    async fn of(tx: &ReadTx, task: Model) -> Result<Self, Problem> {
        let names = customers::store::names(tx, task.customer_id).await?;
        Ok(Self::new(task, &names))
    }
}

async fn tagged(tx: &ReadTx, task: Model) -> Result<Tagged<TaskView>, Problem> {
    Ok(Tagged::new(task.version, TaskView::of(tx, task).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    customer_id: Option<String>,
    deal_id: Option<String>,
    /// The call that it comes from.
    call_id: Option<String>,
    /// `open`, `snoozed` or `done`; several with commas between.
    status: Option<String>,
    /// `low`, `normal` or `high`.
    priority: Option<String>,
    /// Due at this time or later, or on this day (UTC) or later.
    due_from: Option<String>,
    /// Due before this time, or before this day (UTC).
    due_before: Option<String>,
    /// A user's id, or `none`.
    assignee_id: Option<String>,
    /// For an admin: only this business.
    business_id: Option<String>,
}

impl Filter {
    fn condition(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(customer) = list::id_param("customer_id", self.customer_id.as_deref())? {
            all = all.add(Column::CustomerId.eq(customer));
        }
        if let Some(deal) = list::id_param("deal_id", self.deal_id.as_deref())? {
            all = all.add(Column::DealId.eq(deal));
        }
        if let Some(call) = list::id_param("call_id", self.call_id.as_deref())? {
            all = all.add(Column::CallId.eq(call));
        }
        if let Some(statuses) = &self.status {
            let statuses = statuses.split(',').map(|status| {
                Status::parse(status)
                    .map(Status::as_str)
                    .ok_or_else(|| Problem::invalid("status", "unknown_status", "is open, snoozed or done"))
            });
            all = all.add(Column::Status.is_in(statuses.collect::<Result<Vec<_>, _>>()?));
        }
        if let Some(priority) = &self.priority {
            let priority = Priority::parse(priority)
                .ok_or_else(|| Problem::invalid("priority", "unknown_value", "is low, normal or high"))?;
            all = all.add(Column::Priority.eq(priority.as_str()));
        }
        if let Some(from) = time_param("due_from", self.due_from.as_deref())? {
            all = all.add(Column::DueAt.gte(from));
        }
        if let Some(before) = time_param("due_before", self.due_before.as_deref())? {
            all = all.add(Column::DueAt.lt(before));
        }
        match self.assignee_id.as_deref() {
            Some("none") => all = all.add(Column::AssigneeId.is_null()),
            assignee => {
                if let Some(assignee) = list::id_param("assignee_id", assignee)? {
                    all = all.add(Column::AssigneeId.eq(assignee));
                }
            }
        }
        Ok(all)
    }
}

/// Tasks, the newest first; `sort=due_at` for the most urgent.
#[utoipa::path(get, path = "/api/tasks", params(PagingParams, Filter),
    responses((status = 200, body = Listed<TaskView>)))]
async fn list_tasks(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<TaskView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let condition = filter.condition()?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
        Sort {
            name: "due_at",
            column: Column::DueAt,
        },
    ];
    let page = list::list(
        store::visible(&tx).filter(condition),
        &paging,
        &sorts,
        "-created_at",
        Column::Id,
    )
    .await?;
    let names = customers::store::names(&tx, page.results.iter().filter_map(|task| task.customer_id)).await?;
    Ok(Json(page.map(|task| TaskView::new(task, &names))))
}

/// A new task.
#[utoipa::path(post, path = "/api/tasks", request_body = TaskBody,
    responses((status = 201, body = TaskView), (status = 422)))]
async fn create_task(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<TaskBody>,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let task = NewTask::from_fields(body.checked()?)?;
    let tx = app.db.write(&scope).await?;
    let task = actions::create(&tx, task).await?;
    let (version, view) = (task.version, TaskView::of(&tx, task).await?);
    tx.commit().await?;
    Ok(Tagged::created(version, view))
}

/// One task, with its version as `ETag`.
#[utoipa::path(get, path = "/api/tasks/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = TaskView), (status = 404)))]
async fn get_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let task = store::get(&tx, TaskId::new(id)).await?;
    Ok(tagged(&tx, task).await?)
}

/// Changes what is mentioned; `null` empties a field. With `If-Match`, 412 `stale` when somebody else was first.
#[utoipa::path(patch, path = "/api/tasks/{id}", params(("id" = i64, Path)), request_body = TaskBody,
    responses((status = 200, body = TaskView), (status = 404), (status = 412), (status = 422)))]
async fn update_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<TaskBody>,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let task = store::get(&tx, TaskId::new(id)).await?;
    if body.business_id.is_some_and(|business| business != task.business_id) {
        return Err(Problem::invalid("business_id", "fixed", "a task stays in its business").into());
    }
    let task = actions::update(&tx, task.record_id(), &seen, body.checked()?).await?;
    let task = tagged(&tx, task).await?;
    tx.commit().await?;
    Ok(task)
}

/// Takes a task away for good.
#[utoipa::path(delete, path = "/api/tasks/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 412)))]
async fn delete_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    actions::delete(&tx, TaskId::new(id), &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a task off, until a time or by one of the usual lengths; then it rings again.
#[utoipa::path(post, path = "/api/tasks/{id}/snooze", params(("id" = i64, Path)), request_body = SnoozeBody,
    responses((status = 200, body = TaskView), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn snooze_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<SnoozeBody>,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let task = snooze::run(&tx, TaskId::new(id), &seen, body).await?;
    let task = tagged(&tx, task).await?;
    tx.commit().await?;
    Ok(task)
}

/// Marks a task as done.
#[utoipa::path(post, path = "/api/tasks/{id}/complete", params(("id" = i64, Path)),
    responses((status = 200, body = TaskView), (status = 404), (status = 412)))]
async fn complete_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let task = actions::complete(&tx, TaskId::new(id), &seen).await?;
    let task = tagged(&tx, task).await?;
    tx.commit().await?;
    Ok(task)
}

/// Opens a task again.
#[utoipa::path(post, path = "/api/tasks/{id}/reopen", params(("id" = i64, Path)),
    responses((status = 200, body = TaskView), (status = 404), (status = 412)))]
async fn reopen_task(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<Tagged<TaskView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let task = actions::reopen(&tx, TaskId::new(id), &seen).await?;
    let task = tagged(&tx, task).await?;
    tx.commit().await?;
    Ok(task)
}
