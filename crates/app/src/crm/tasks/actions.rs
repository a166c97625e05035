//! What is done to tasks, each in the caller's transaction with its timeline event, outgoing event and audit entry.

use kernel::{CustomerId, Problem, TaskId};
use platform::{
    db::{AuditEntry, WriteTx},
    http::IfMatch,
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{
    model::{Fields, NewTask, Status},
    store::{self, ActiveModel, Model},
};
use crate::{accounts::users, crm::customers, timeline};

/// A new task. 422 for a customer or assignee who is not in this business.
pub async fn create(tx: &WriteTx, task: NewTask) -> Result<Model, Problem> {
    let task = task.tidied()?;
    check_people(tx, task.customer_id, task.assignee_id).await?;
    let now = tx.now();
    let row = ActiveModel {
        title: Set(task.title),
        notes: Set(task.notes),
        customer_id: Set(task.customer_id),
        call_id: Set(task.call_id),
        assignee_id: Set(task.assignee_id),
        due_at: Set(task.due_at),
        priority: Set(task.priority.as_str().to_owned()),
        status: Set(Status::Open.as_str().to_owned()),
        source: Set(task.source.as_str().to_owned()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let task = tx.insert(row).await?;
    tell(tx, &task, "task.created", json!({ "source": task.source })).await?;
    Ok(task)
}

async fn check_people(tx: &WriteTx, customer: Option<i64>, assignee: Option<i64>) -> Result<(), Problem> {
    if let Some(customer) = customer
        && customers::store::visible(tx).by_id(customer).one().await?.is_none()
    {
        return Err(Problem::invalid(
            "customer_id",
            "unknown_customer",
            "is not a customer of this business",
        ));
    }
    if let Some(assignee) = assignee
        && tx.find::<users::store::Entity>().by_id(assignee).one().await?.is_none()
    {
        return Err(Problem::invalid(
            "assignee_id",
            "unknown_user",
            "is not a user of this business",
        ));
    }
    Ok(())
}

/// Changes what is mentioned. 412 `stale`; nothing is written when nothing changes.
pub async fn update(tx: &WriteTx, id: TaskId, seen: &IfMatch, fields: Fields) -> Result<Model, Problem> {
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    check_people(tx, fields.customer_id.flatten(), fields.assignee_id.flatten()).await?;
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    macro_rules! take {
        ($($field:ident: $value:expr),* $(,)?) => {$(
            if let Some(value) = $value && value != before.$field {
                changes.insert(stringify!($field).to_owned(), json!({ "from": before.$field, "to": value }));
                row.$field = Set(value);
            }
        )*};
    }
    take! {
        title: fields.title,
        notes: fields.notes,
        customer_id: fields.customer_id,
        assignee_id: fields.assignee_id,
        due_at: fields.due_at,
        priority: fields.priority.map(|priority| priority.as_str().to_owned()),
    }
    if let Some(notes) = changes.get_mut("notes") {
        // a note's text does not go into the audit log
        *notes = json!({ "changed": true });
    }
    save(tx, before, row, "task.updated", changes).await
}

async fn locked(tx: &WriteTx, id: TaskId) -> Result<Model, Problem> {
    store::visible(tx)
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}

/// Marks a task as done, or opens it again; one that stands so already stays as it is.
pub async fn set_status(tx: &WriteTx, id: TaskId, seen: &IfMatch, status: Status) -> Result<Model, Problem> {
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    let (action, completed_at, completed_by) = match status {
        Status::Done => ("task.completed", Some(tx.now()), tx.scope().actor().user_id()),
        Status::Open => ("task.reopened", None, None),
    };
    if before.status != status.as_str() {
        changes.insert(
            "status".to_owned(),
            json!({ "from": before.status, "to": status.as_str() }),
        );
        row.status = Set(status.as_str().to_owned());
        row.completed_at = Set(completed_at);
        row.completed_by_id = Set(completed_by.map(i64::from));
    }
    save(tx, before, row, action, changes).await
}

async fn save(
    tx: &WriteTx,
    before: Model,
    mut row: ActiveModel,
    action: &'static str,
    changes: Map<String, Value>,
) -> Result<Model, Problem> {
    if changes.is_empty() {
        return Ok(before);
    }
    row.version = Set(before.version + 1);
    row.updated_at = Set(tx.now());
    let after = tx.update(row).await?;
    if after.customer_id.is_none() && before.customer_id.is_some() {
        timeline::take_out(tx, "task", &after.id.to_string()).await?;
    }
    tell(tx, &after, action, Value::Object(changes)).await?;
    Ok(after)
}

/// Timeline, screens and audit.
async fn tell(tx: &WriteTx, task: &Model, action: &'static str, changes: Value) -> Result<(), Problem> {
    if let Some(customer) = task.customer_id {
        timeline::put(tx, event(CustomerId::new(customer), task)).await?;
    }
    tx.emit(Event {
        room: Room::Business,
        name: "task:updated",
        payload: json!({
            "task_id": task.id,
            "title": task.title,
            "customer_id": task.customer_id,
            "assignee_id": task.assignee_id,
            "status": task.status,
            "due_at": task.due_at,
        }),
    })
    .await?;
    tx.audit(AuditEntry {
        action,
        record_type: "task",
        record_id: Some(task.id),
        changes,
    })
    .await?;
    Ok(())
}

/// A task's one row in the timeline: where it was made, with what has become of it.
fn event(customer_id: CustomerId, task: &Model) -> timeline::Entry {
    timeline::Entry {
        customer_id,
        kind: "task",
        ref_id: task.id.to_string(),
        title: task.title.clone(),
        ts: task.created_at,
        data: json!({
            "status": task.status,
            "due_at": task.due_at,
            "priority": task.priority,
            "assignee_id": task.assignee_id,
            "source": task.source,
            "call_id": task.call_id,
            "completed_at": task.completed_at,
        }),
    }
}
