//! Tasks that repeat: each occurrence is a task of its own, made when the one before falls due or is done.

use std::collections::HashMap;

use calendar::Repeat;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use kernel::Problem;
use platform::{
    db::{AuditEntry, WriteTx},
    outbox::Event,
};
use sea_orm::sea_query::OnConflict;
use serde_json::json;

use super::{
    actions,
    model::{NewTask, Priority, Source},
    store::{ActiveModel, Model},
};
use crate::{
    accounts::businesses::{self, hours},
    crm::search::tokens,
    timeline,
};

/// When the task is due next, later than both this time and now: what was missed meanwhile is not made up for. `None`
/// when the series is over.
fn next_due(task: &Model, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let due_at = task.due_at?;
    let rule = Repeat::parse(task.repeat.as_deref()?, zone).ok()?;
    rule.next_after(task.repeat_from.unwrap_or(due_at), due_at.max(now))
}

/// Makes the tasks that repeat these, and gives their ids by those of the tasks before.
pub(super) async fn make(tx: &WriteTx, tasks: &[Model]) -> Result<HashMap<i64, i64>, Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let zone = hours::zone(&business);
    let now = tx.now();
    let mut before: HashMap<(i64, String), Vec<i64>> = HashMap::new();
    let mut rows: Vec<ActiveModel> = Vec::new();
    for task in tasks {
        let Some(due_at) = next_due(task, zone, now) else {
            continue;
        };
        before
            .entry((due_at.timestamp_micros(), task.title.clone()))
            .or_default()
            .push(task.id);
        rows.push(actions::row(again(task, due_at), now));
    }
    let mut never = OnConflict::new();
    never.do_nothing();
    let made = tx.insert_many_returning(rows, never).await?;
    let texts: Vec<(i64, [Option<&str>; 2])> = made.iter().map(|task| (task.id, actions::texts(task))).collect();
    let texts: Vec<(i64, &[Option<&str>])> = texts.iter().map(|(id, texts)| (*id, texts.as_slice())).collect();
    tokens::index_new(tx, tokens::Kind::Task, &texts).await?;
    show(tx, &made).await?;
    let mut next = HashMap::new();
    for task in made {
        let due = task.due_at.map_or(0, |due| due.timestamp_micros());
        // Tasks of the same name and time are alike: which repeats which does not matter.
        if let Some(id) = before.get_mut(&(due, task.title)).and_then(Vec::pop) {
            next.insert(id, task.id);
        }
    }
    Ok(next)
}

fn again(task: &Model, due_at: DateTime<Utc>) -> NewTask {
    NewTask {
        title: task.title.clone(),
        notes: task.notes.clone(),
        customer_id: task.customer_id,
        call_id: task.call_id,
        assignee_id: task.assignee_id,
        due_at: Some(due_at),
        priority: Priority::parse(&task.priority).unwrap_or_default(),
        source: Source::parse(&task.source).unwrap_or_default(),
        deal_id: task.deal_id,
        repeat: task.repeat.clone(),
        repeat_from: task.repeat_from.or(task.due_at),
        remind_before_minutes: task.remind_before_minutes,
    }
}

async fn show(tx: &WriteTx, made: &[Model]) -> Result<(), Problem> {
    let of_customers = made
        .iter()
        .filter_map(|task| Some(actions::event(task.customer_id?.into(), task)));
    timeline::put_all(tx, of_customers.collect()).await?;
    let events: Vec<Event> = made.iter().map(actions::updated).collect();
    tx.emit_all(events).await?;
    for task in made {
        tx.audit(AuditEntry {
            action: "task.created",
            record_type: "task",
            record_id: Some(task.id),
            changes: json!({ "source": "repeat" }),
        })
        .await?;
    }
    Ok(())
}
