//! The job of a bulk edit: batch by batch, each with the mark of how far it came, so that it survives any death.

use std::time::Duration;

use kernel::Problem;
use platform::{
    db::WriteTx,
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    edit::Edit,
    selection::Selection,
    store::{self, Column, Entity, row},
};
use crate::{
    App, AppState,
    crm::{
        customers::{
            batch::{self, Edited},
            identities::Known,
            model::Fields,
            store as customers,
        },
        imports::{model::Status, progress::Progress},
    },
    timeline,
};

/// Customers of one transaction: while it runs, nobody else writes to SQLite.
pub const AT_ONCE: usize = 200;
/// Stands in the differences of one that was deleted.
pub const DELETED: &str = "deleted";

/// Makes a bulk edit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunBulk {
    pub bulk_id: i64,
}

impl Job<AppState> for RunBulk {
    const KIND: &'static str = "customers.bulk";
    const MAX_ATTEMPTS: u32 = 20;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_hours(1);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        let worked = Box::pin(work(&app, &ctx, self.bulk_id)).await;
        let Err(problem) = &worked else {
            return worked.unwrap_or(Outcome::Done);
        };
        let outcome = Outcome::of_problem(problem);
        if (matches!(outcome, Outcome::Fail(_)) || ctx.is_last_attempt())
            && let Err(problem) = end(&app, &ctx, self.bulk_id, Status::Failed, Some(problem.code)).await
        {
            return Outcome::of_problem(&problem);
        }
        outcome
    }
}

async fn work(app: &App, ctx: &JobContext, id: i64) -> Result<Outcome, Problem> {
    let mut progress = Progress::new(app.bus.clone(), ctx.scope().business()?, "bulk:progress");
    loop {
        if ctx.stopping().is_cancelled() {
            return Ok(Outcome::retry("the process is stopping"));
        }
        match Box::pin(batch_of(app, ctx, id)).await? {
            Some(bulk) => progress.tell(told(&bulk)),
            None => break,
        }
    }
    end(app, ctx, id, Status::Done, None).await?;
    Ok(Outcome::Done)
}

pub fn told(bulk: &store::Model) -> Value {
    let done = match Status::parse(&bulk.status) {
        Status::Undoing | Status::Undone => bulk.undone + bulk.kept_count,
        _ => bulk.done,
    };
    json!({ "bulk_id": bulk.id, "done": done, "rows": bulk.rows, "status": bulk.status })
}

/// Ends the job with its last word; nothing when the edit is over already.
async fn end(
    app: &App,
    ctx: &JobContext,
    id: i64,
    status: Status,
    failure: Option<&'static str>,
) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let bulk = tx.find::<Entity>().by_id(id).lock().one().await?;
    let Some(bulk) = bulk.filter(is_open) else {
        return Ok(());
    };
    let bulk = tx
        .update(store::ActiveModel {
            id: Set(bulk.id),
            status: Set(status.as_str().to_owned()),
            failure: Set(failure.map(str::to_owned)),
            finished_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .await?;
    Progress::new(app.bus.clone(), ctx.scope().business()?, "bulk:progress")
        .end(&tx, told(&bulk))
        .await?;
    if status == Status::Done {
        ctx.settle(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn is_open(bulk: &store::Model) -> bool {
    matches!(Status::parse(&bulk.status), Status::Queued | Status::Running)
}

/// The next batch; `None` at the end.
async fn batch_of(app: &App, ctx: &JobContext, id: i64) -> Result<Option<store::Model>, Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let bulk = tx.find::<Entity>().by_id(id).lock().one().await?;
    let Some(bulk) = bulk.filter(is_open) else {
        return Ok(None);
    };
    let selection: Selection = decoded(&bulk.selection)?;
    let edit: Edit = decoded(&bulk.edit)?;
    let Some(next) = selection.after(&tx, bulk.last_id, bulk.max_id, AT_ONCE)? else {
        return Ok(None);
    };
    let found = next
        .find
        .order_by(customers::Column::Id, Order::Asc)
        .lock()
        .all()
        .await?;
    let through = next.through.or_else(|| found.last().map(|customer| customer.id));
    let Some(through) = through else {
        return Ok(None);
    };
    let seen = i64::try_from(found.len()).unwrap_or_default();
    let changed = if edit.delete {
        delete(&tx, &bulk, &found).await?
    } else {
        Box::pin(change(&tx, &bulk, &edit, found)).await?
    };
    let bulk = tx
        .update(store::ActiveModel {
            id: Set(id),
            status: Set(Status::Running.as_str().to_owned()),
            done: Set(bulk.done + seen),
            changed: Set(bulk.changed + changed),
            last_id: Set(through),
            ..Default::default()
        })
        .await?;
    tx.commit().await?;
    Ok(Some(bulk))
}

pub fn decoded<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_json::from_value(value.clone()).map_err(|err| {
        tracing::error!(error = %err, "a stored bulk edit can not be read");
        Problem::internal()
    })
}

fn by(bulk: &store::Model) -> Map<String, Value> {
    let mut by = Map::new();
    by.insert("by".to_owned(), "user".into());
    by.insert("user_id".to_owned(), bulk.created_by_id.into());
    by.insert("bulk_id".to_owned(), bulk.id.into());
    by
}

fn row(bulk: i64, customer: i64, version: i64, differences: Value) -> row::ActiveModel {
    row::ActiveModel {
        bulk_id: Set(bulk),
        customer_id: Set(customer),
        differences: Set(differences),
        version: Set(version),
        ..Default::default()
    }
}

/// How many of these were changed.
async fn change(tx: &WriteTx, bulk: &store::Model, edit: &Edit, found: Vec<customers::Model>) -> Result<i64, Problem> {
    let said: Fields = edit.fields()?;
    let by = by(bulk);
    let (mut rows, mut events) = (Vec::new(), Vec::new());
    for customer in found {
        let fields = edit.of(&said, &customer);
        // a bulk edit says nothing of phones and e-mails
        let edited = batch::edit(tx, customer, &Known::default(), fields).await?;
        if !edited.differences.is_empty() {
            events.push(batch::event(&edited, &by));
            let differences = Value::Object(edited.differences);
            rows.push(row(bulk.id, edited.after.id, edited.after.version, differences));
        }
    }
    note(tx, rows, events).await
}

async fn delete(tx: &WriteTx, bulk: &store::Model, found: &[customers::Model]) -> Result<i64, Problem> {
    let ids: Vec<i64> = found.iter().map(|customer| customer.id).collect();
    batch::delete(tx, &ids).await?;
    let mut differences = Map::new();
    differences.insert(DELETED.to_owned(), json!({ "from": false, "to": true }));
    let by = by(bulk);
    let (mut rows, mut events) = (Vec::new(), Vec::new());
    for customer in batch::locked(tx, &ids).await? {
        rows.push(row(bulk.id, customer.id, customer.version, differences.clone().into()));
        let edited = Edited {
            after: customer,
            differences: differences.clone(),
        };
        events.push(batch::event(&edited, &by));
    }
    note(tx, rows, events).await
}

async fn note(tx: &WriteTx, rows: Vec<row::ActiveModel>, events: Vec<timeline::Entry>) -> Result<i64, Problem> {
    let changed = i64::try_from(rows.len()).unwrap_or_default();
    if changed > 0 {
        tx.insert_all(rows).await?;
        timeline::put_all(tx, events).await?;
    }
    Ok(changed)
}

/// Notes that an undo has begun.
pub async fn begin_undo(tx: &WriteTx, id: i64) -> Result<store::Model, Problem> {
    tx.update_many::<Entity>()?
        .col(Column::Status, Status::Undoing.as_str())
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    tx.get::<Entity>(id).await
}
