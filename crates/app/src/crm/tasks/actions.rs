//! What is done to tasks, each in the caller's transaction with its timeline event, outgoing event and audit entry.

use chrono::{DateTime, Utc};
use kernel::{CustomerId, Problem, TaskId};
use platform::{
    db::{AuditEntry, WriteTx},
    http::IfMatch,
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::{Map, Value, json};

use super::{
    model::{Fields, NewTask, Source, Status, alarm_at},
    people, repeats,
    store::{self, ActiveModel, Column, Entity, Model, occurrence},
};
use crate::{
    accounts::users,
    crm::{customers, deals, search::tokens},
    notifications, timeline,
};

/// A new task. 422 for a customer or assignee who is not in this business.
///
/// What calls, rules and the agent make falls due when somebody is there, and goes to somebody who is.
pub async fn create(tx: &WriteTx, task: NewTask) -> Result<Model, Problem> {
    let mut task = task.tidied()?;
    check_people(tx, task.customer_id, task.assignee_id).await?;
    check_deal(tx, task.deal_id).await?;
    check_repeat(task.repeat.as_deref(), task.due_at)?;
    if task.source != Source::Manual {
        people::plan(tx, &mut task).await?;
    }
    let task = tx.insert(row(task, tx.now())).await?;
    let texts = texts(&task);
    tokens::index_new(tx, tokens::Kind::Task, &[(task.id, &texts)]).await?;
    tell(tx, &task, "task.created", json!({ "source": task.source })).await?;
    Ok(task)
}

/// What a task is found by.
pub(super) fn texts(task: &Model) -> [Option<&str>; 2] {
    [Some(&task.title), task.notes.as_deref()]
}

/// The row of a new task, with its first alarm set.
pub(super) fn row(task: NewTask, now: DateTime<Utc>) -> ActiveModel {
    let alarm_at = alarm_at(task.due_at, task.remind_before_minutes);
    ActiveModel {
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
        deal_id: Set(task.deal_id),
        repeat_from: Set(task.repeat.as_ref().and(task.repeat_from.or(task.due_at))),
        repeat: Set(task.repeat),
        remind_before_minutes: Set(task.remind_before_minutes),
        occurrence: Set(i64::from(alarm_at.is_some())),
        alarm_at: Set(alarm_at),
        ..Default::default()
    }
}

/// A rule counts from the time at which the task is due.
fn check_repeat(rule: Option<&str>, due_at: Option<DateTime<Utc>>) -> Result<(), Problem> {
    if rule.is_some() && due_at.is_none() {
        return Err(Problem::invalid(
            "repeat",
            "needs_due_at",
            "needs due_at, from which it counts",
        ));
    }
    Ok(())
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

async fn check_deal(tx: &WriteTx, deal: Option<i64>) -> Result<(), Problem> {
    if let Some(deal) = deal
        && deals::store::visible(tx).by_id(deal).one().await?.is_none()
    {
        let what = "is not a deal of this business";
        return Err(Problem::invalid("deal_id", "unknown_deal", what));
    }
    Ok(())
}

/// Changes what is mentioned. 412 `stale`; nothing is written when nothing changes.
pub async fn update(tx: &WriteTx, id: TaskId, seen: &IfMatch, fields: Fields) -> Result<Model, Problem> {
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    check_people(tx, fields.customer_id.flatten(), fields.assignee_id.flatten()).await?;
    check_deal(tx, fields.deal_id.flatten()).await?;
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
        deal_id: fields.deal_id,
        repeat: fields.repeat,
        remind_before_minutes: fields.remind_before_minutes,
    }
    check_repeat(row.repeat.as_ref().as_deref(), *row.due_at.as_ref())?;
    set_alarm(&before, &mut row, &changes, tx.now());
    for text in ["title", "notes"] {
        // what may name a customer does not go into the audit log, which is never rewritten
        if let Some(text) = changes.get_mut(text) {
            *text = json!({ "changed": true });
        }
    }
    save(tx, before, row, "task.updated", changes).await
}

/// A task that is due at another time rings anew then, even if it rang before.
fn set_alarm(before: &Model, row: &mut ActiveModel, changes: &Map<String, Value>, now: DateTime<Utc>) {
    let moved = changes.contains_key("due_at");
    let due_at = *row.due_at.as_ref();
    if moved || changes.contains_key("repeat") {
        row.repeat_from = Set(row.repeat.as_ref().as_ref().and(due_at));
    }
    let reminded_otherwise = changes.contains_key("remind_before_minutes") && due_at.is_some_and(|due| due > now);
    if before.status == Status::Done.as_str() || !(moved || reminded_otherwise) {
        return;
    }
    if moved && before.status == Status::Snoozed.as_str() {
        row.status = Set(Status::Open.as_str().to_owned());
    }
    row.alarm_at = Set(alarm_at(due_at, *row.remind_before_minutes.as_ref()));
    row.occurrence = Set(before.occurrence + 1);
}

pub(super) async fn locked(tx: &WriteTx, id: TaskId) -> Result<Model, Problem> {
    store::visible(tx)
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}

/// Marks a task as done; one that is done already stays as it is. Done before it was due, what repeats it comes all the
/// same.
pub async fn complete(tx: &WriteTx, id: TaskId, seen: &IfMatch) -> Result<Model, Problem> {
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    if before.status != Status::Done.as_str() {
        changes.insert("status".to_owned(), json!({ "from": before.status, "to": "done" }));
        row.status = Set(Status::Done.as_str().to_owned());
        row.completed_at = Set(Some(tx.now()));
        row.completed_by_id = Set(tx.scope().person().map(i64::from));
        row.alarm_at = Set(None);
        if before.repeat.is_some() && before.next_id.is_none() {
            let next = repeats::make(tx, std::slice::from_ref(&before)).await?;
            row.next_id = Set(next.get(&before.id).copied());
        }
        notifications::settled(tx, &[link_of(before.id)]).await?;
    }
    save(tx, before, row, "task.completed", changes).await
}

/// The task's page in the web app.
pub(super) fn link_of(task: i64) -> String {
    format!("/tasks?task={task}")
}

/// Opens a task again, also to take back that it was done; one that is open already stays as it is. It rings if it has not
/// yet.
pub async fn reopen(tx: &WriteTx, id: TaskId, seen: &IfMatch) -> Result<Model, Problem> {
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    if before.status != Status::Open.as_str() {
        changes.insert("status".to_owned(), json!({ "from": before.status, "to": "open" }));
        row.status = Set(Status::Open.as_str().to_owned());
        row.completed_at = Set(None);
        row.completed_by_id = Set(None);
        if before.status == Status::Done.as_str() && !was_raised(tx, &before).await? {
            row.alarm_at = Set(alarm_at(before.due_at, before.remind_before_minutes));
        }
    }
    save(tx, before, row, "task.reopened", changes).await
}

async fn was_raised(tx: &WriteTx, task: &Model) -> Result<bool, Problem> {
    let raised = tx
        .find::<occurrence::Entity>()
        .filter(occurrence::Column::TaskId.eq(task.id))
        .filter(occurrence::Column::Occurrence.eq(task.occurrence))
        .one()
        .await?;
    Ok(raised.is_some())
}

/// Takes a task away for good, with its alarms and its place on the timeline.
pub async fn delete(tx: &WriteTx, id: TaskId, seen: &IfMatch) -> Result<(), Problem> {
    let task = locked(tx, id).await?;
    seen.check(task.version)?;
    tx.delete_many::<occurrence::Entity>()?
        .filter(occurrence::Column::TaskId.eq(task.id))
        .exec()
        .await?;
    tx.delete_many::<Entity>()?
        .filter(Column::Id.eq(task.id))
        .exec()
        .await?;
    timeline::take_out(tx, "task", &task.id.to_string()).await?;
    tokens::erase(tx, tokens::Kind::Task, &[task.id]).await?;
    let mut gone = updated(&task);
    if let Some(payload) = gone.payload.as_object_mut() {
        payload.insert("status".to_owned(), json!("deleted"));
    }
    tx.emit(gone).await?;
    tx.audit(AuditEntry {
        action: "task.deleted",
        record_type: "task",
        record_id: Some(task.id),
        changes: json!({ "status": task.status, "source": task.source }),
    })
    .await?;
    Ok(())
}

pub(super) async fn save(
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
    if texts(&after) != texts(&before) {
        tokens::index(tx, tokens::Kind::Task, after.id, &texts(&after)).await?;
    }
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
    tx.emit(updated(task)).await?;
    tx.audit(AuditEntry {
        action,
        record_type: "task",
        record_id: Some(task.id),
        changes,
    })
    .await?;
    Ok(())
}

/// `task:updated`: lists show it anew.
pub(super) fn updated(task: &Model) -> Event {
    Event {
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
    }
}

/// A task's one row in the timeline: where it was made, with what has become of it.
pub(super) fn event(customer_id: CustomerId, task: &Model) -> timeline::Entry {
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
