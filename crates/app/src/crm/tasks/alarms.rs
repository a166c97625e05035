//! Alarms: when a task falls due, its people are told, once.
//!
//! Every process looks for what is due by itself. It locks a batch of one business's tasks, passing over what another
//! process has locked, and in the same transaction unsets their alarms, writes that they were raised, and writes the
//! events, the notifications and the jobs that push. So an alarm is raised by one process and once; one that dies midway
//! leaves nothing behind, and the next one to look finds the batch as it was. What fell due while nothing ran is found at
//! the start.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{BusinessId, Module, Problem, UserId};
use platform::{
    db::{DbError, WriteTx},
    jobs::clockwork,
    outbox::{Event, Room},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, FromQueryResult, Order, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};
use serde_json::json;

use super::{
    actions,
    model::Status,
    people::Concerned,
    repeats,
    store::{Column, Entity, Model, occurrence},
};
use crate::{
    App, AppState,
    accounts::businesses::{self, hours::Office, model::module_is_on},
    notifications::{self, Kind, News},
    timeline,
};

const KIND: &str = "tasks.alarms";
/// How often what is due is looked for: an alarm is at most this late, and the time that its batch takes.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// Tasks in one transaction: large enough that ten thousand take some twenty of them, small enough that nobody waits long
/// for SQLite's one writer.
const BATCH: u64 = 500;
/// Businesses that are looked at in one round.
const BUSINESSES: u64 = 200;
/// A statement takes some 30,000 values, and an event has six.
const MOST_PER_STATEMENT: usize = 1_000;
/// A business that is closed, or has no CRM, is looked at again after this.
const PAUSED: TimeDelta = TimeDelta::minutes(5);

/// Raises what is due, for as long as the process runs.
pub async fn raise_forever(app: AppState) {
    loop {
        if let Err(problem) = raise_due(&app).await {
            tracing::warn!(%problem, "alarms could not be raised; tried again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn raise_due(app: &App) -> Result<(), Problem> {
    loop {
        let mut more = false;
        for business in businesses_with_alarms(app).await? {
            match Box::pin(raise_batch(app, business)).await {
                Ok(full) => more |= full,
                // The others' alarms do not wait for this one's.
                Err(problem) => tracing::warn!(%problem, business_id = business.get(), "a batch of alarms failed"),
            }
        }
        if !more {
            return Ok(());
        }
    }
}

#[derive(FromQueryResult)]
struct Due {
    business_id: i64,
}

async fn businesses_with_alarms(app: &App) -> Result<Vec<BusinessId>, Problem> {
    let tx = app.db.system_read("alarms that are due").await?;
    let due = Due::find_by_statement(Statement::from_sql_and_values(
        app.db.backend(),
        format!("SELECT DISTINCT business_id FROM tasks WHERE alarm_at <= $1 LIMIT {BUSINESSES}"),
        [tx.now().into()],
    ))
    .all(tx.conn())
    .await
    .map_err(DbError::from)?;
    Ok(due.into_iter().map(|due| BusinessId::new(due.business_id)).collect())
}

/// Raises one batch of a business's alarms; `true` when there may be more.
async fn raise_batch(app: &App, business: BusinessId) -> Result<bool, Problem> {
    let tx = app.db.write(&clockwork(business, KIND)).await?;
    let settings = tx.get::<businesses::store::Entity>(business).await?;
    let now = tx.now();
    if let Some(until) = waits(&settings, now) {
        postpone(&tx, until, Column::AlarmAt.lte(now)).await?;
        tx.commit().await?;
        return Ok(false);
    }
    // Nobody may have looked while a Sabbath was kept: what fell due in it waits all the same.
    for (kept, until) in Office::of(&settings).releases_ahead(now) {
        let within = Column::AlarmAt.gte(kept.starts).and(Column::AlarmAt.lt(kept.ends));
        postpone(&tx, until, within).await?;
    }
    let tasks = claim(&tx).await?;
    if tasks.is_empty() {
        tx.commit().await?;
        return Ok(false);
    }
    let full = u64::try_from(tasks.len()).unwrap_or(BATCH) >= BATCH;
    let tasks = record(&tx, tasks).await?;
    ring(&tx, &tasks).await?;
    go_on(&tx, &tasks).await?;
    tx.commit().await?;
    late(&tasks, now);
    Ok(full)
}

/// Until when a business's alarms wait, if they do.
fn waits(business: &businesses::store::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !business.active || !module_is_on(&business.modules, Module::Crm) {
        return Some(now + PAUSED);
    }
    Office::of(business).holds_back(now)
}

async fn postpone(tx: &WriteTx, until: DateTime<Utc>, which: Expr) -> Result<(), Problem> {
    tx.update_many::<Entity>()?
        .col(Column::AlarmAt, until)
        .filter(which)
        .exec()
        .await?;
    Ok(())
}

/// Takes tasks whose alarm is due and that no other process has in hand.
async fn claim(tx: &WriteTx) -> Result<Vec<Model>, Problem> {
    let due = tx
        .find::<Entity>()
        .filter(Column::AlarmAt.lte(tx.now()))
        .order_by(Column::AlarmAt, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(BATCH);
    let tasks = match tx.backend() {
        sea_orm::DbBackend::Postgres => {
            due.map(|select| select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked))
                .all()
                .await?
        }
        // The one writer is alone already.
        _ => due.all().await?,
    };
    Ok(tasks)
}

/// Unsets the alarms and writes that they were raised. Gives those that were not raised before.
async fn record(tx: &WriteTx, tasks: Vec<Model>) -> Result<Vec<Model>, Problem> {
    let now = tx.now();
    tx.update_many::<Entity>()?
        .col(Column::AlarmAt, None::<DateTime<Utc>>)
        .filter(Column::Id.is_in(tasks.iter().map(|task| task.id)))
        .exec()
        .await?;
    let rows = tasks.iter().map(|task| occurrence::ActiveModel {
        task_id: Set(task.id),
        occurrence: Set(task.occurrence),
        due_at: Set(task.due_at.unwrap_or(now)),
        raised_at: Set(now),
        ..Default::default()
    });
    let mut once = OnConflict::columns([
        occurrence::Column::BusinessId,
        occurrence::Column::TaskId,
        occurrence::Column::Occurrence,
    ]);
    once.do_nothing();
    let raised = tx.insert_many_returning(rows.collect(), once).await?;
    let raised: HashSet<i64> = raised.into_iter().map(|row| row.task_id).collect();
    Ok(tasks.into_iter().filter(|task| raised.contains(&task.id)).collect())
}

/// Tells everyone concerned.
async fn ring(tx: &WriteTx, tasks: &[Model]) -> Result<(), Problem> {
    let customers = tasks.iter().filter_map(|task| task.customer_id);
    let concerned = Concerned::load(tx, customers).await?;
    let (mut events, mut news) = (Vec::new(), Vec::new());
    for task in tasks {
        for user_id in concerned.by(task.assignee_id, task.customer_id) {
            events.push(alarm(task, user_id));
            news.push(News {
                user_id,
                kind: Kind::TaskDue,
                title: task.title.clone(),
                link: actions::link_of(task.id),
                ref_id: task.occurrence_id(),
            });
        }
    }
    for events in events.chunks(MOST_PER_STATEMENT) {
        tx.emit_all(events.to_vec()).await?;
    }
    notifications::tell(tx, news).await
}

fn alarm(task: &Model, user_id: i64) -> Event {
    Event {
        room: Room::User(UserId::new(user_id)),
        name: "task:due",
        payload: json!({
            "task_id": task.id,
            "title": task.title,
            "customer_id": task.customer_id,
            "due_at": task.due_at,
            "occurrence_id": task.occurrence_id(),
        }),
    }
}

/// What was put off is open again, and what repeats gets its next occurrence.
async fn go_on(tx: &WriteTx, tasks: &[Model]) -> Result<(), Problem> {
    let snoozed: HashSet<i64> = tasks
        .iter()
        .filter(|task| task.status == Status::Snoozed.as_str())
        .map(|task| task.id)
        .collect();
    wake(tx, tasks, &snoozed).await?;
    let repeating: Vec<Model> = tasks
        .iter()
        .filter(|task| task.repeat.is_some() && task.next_id.is_none())
        .cloned()
        .collect();
    if repeating.is_empty() {
        return Ok(());
    }
    note_next(tx, repeats::make(tx, &repeating).await?).await
}

async fn wake(tx: &WriteTx, tasks: &[Model], snoozed: &HashSet<i64>) -> Result<(), Problem> {
    if snoozed.is_empty() {
        return Ok(());
    }
    tx.update_many::<Entity>()?
        .col(Column::Status, Status::Open.as_str())
        .col(Column::UpdatedAt, tx.now())
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(snoozed.iter().copied()))
        .exec()
        .await?;
    let awake: Vec<Model> = tasks
        .iter()
        .filter(|task| snoozed.contains(&task.id))
        .map(|task| Model {
            status: Status::Open.as_str().to_owned(),
            ..task.clone()
        })
        .collect();
    let of_customers = awake
        .iter()
        .filter_map(|task| Some(actions::event(task.customer_id?.into(), task)));
    timeline::put_all(tx, of_customers.collect()).await?;
    tx.emit_all(awake.iter().map(actions::updated).collect()).await?;
    Ok(())
}

/// Which task repeats which, so that none is repeated twice.
async fn note_next(tx: &WriteTx, next: HashMap<i64, i64>) -> Result<(), Problem> {
    if next.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = next.keys().copied().collect();
    let mut which = Expr::case(Column::Id.eq(0), Expr::val(None::<i64>));
    for (task, next) in next {
        which = which.case(Column::Id.eq(task), Expr::val(next));
    }
    tx.update_many::<Entity>()?
        .col_expr(Column::NextId, which.into())
        .filter(Column::Id.is_in(ids))
        .exec()
        .await?;
    Ok(())
}

/// How late alarms are, for the metrics.
fn late(tasks: &[Model], now: DateTime<Utc>) {
    for task in tasks {
        let late = task.alarm_at.map_or(TimeDelta::zero(), |at| now - at);
        metrics::histogram!("task_alarm_late_seconds").record(late.as_seconds_f64());
    }
    metrics::counter!("task_alarms_total").increment(u64::try_from(tasks.len()).unwrap_or_default());
    tracing::debug!(alarms = tasks.len(), "alarms raised");
}
