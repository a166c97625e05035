//! The job that writes an import.
//!
//! Each batch is one transaction with the mark of how far it came in it: a process that is killed leaves whole batches,
//! and whoever takes the job over goes on after the last one.

use std::time::Duration;

use kernel::Problem;
use platform::{
    db::{ReadTx, WriteTx},
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    mapping::{Mapping, Owners},
    model::Status,
    person::{Plan, RowError},
    progress::Progress,
    reader::{self, Batch},
    store::{self, Column, Entity, error},
    write,
};
use crate::{App, AppState, accounts::users, crm::custom_fields};

/// A batch that met another writer is tried so often.
const TRIES: u32 = 5;
/// Errors beyond these are counted and not kept.
const MOST_ERRORS: i64 = 10_000;
/// Batches that are read ahead of the one that is written.
const READ_AHEAD: usize = 2;
/// Rows after which the database is to know how large the tables are by now; then after twice as many, and so on.
const FIRST_MEASURED: u64 = 1_000;
/// The tables that an import fills.
const FILLED: [&str; 6] = [
    "customers",
    "customer_identities",
    "customer_search_tokens",
    "search_trigrams",
    "customer_import_rows",
    "timeline_events",
];

/// Writes an import's rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunImport {
    pub import_id: i64,
}

impl Job<AppState> for RunImport {
    const KIND: &'static str = "customers.import";
    const MAX_ATTEMPTS: u32 = 20;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_hours(1);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        let worked = Box::pin(work(&app, &ctx, self.import_id)).await;
        let Err(problem) = &worked else {
            return worked.unwrap_or(Outcome::Done);
        };
        let outcome = Outcome::of_problem(problem);
        if (matches!(outcome, Outcome::Fail(_)) || ctx.is_last_attempt())
            && let Err(problem) = give_up(&app, &ctx, self.import_id, problem.code).await
        {
            return Outcome::of_problem(&problem);
        }
        outcome
    }
}

async fn work(app: &App, ctx: &JobContext, id: i64) -> Result<Outcome, Problem> {
    let tx = app.db.read(ctx.scope()).await?;
    let Some(import) = tx.find::<Entity>().by_id(id).one().await? else {
        return Ok(Outcome::Done);
    };
    if !is_open(&import) {
        return Ok(Outcome::Done);
    }
    let plan = Plan {
        fields: Vec::new(),
        owners: owners(&tx).await?,
        own: custom_fields::store::by_key(&tx, custom_fields::model::CUSTOMER).await?,
    };
    tx.done().await?;
    let key = import.storage_key.clone().ok_or_else(Problem::internal)?;
    let bytes = app.storage.get(&key).await?;
    let mapping = Mapping::from_json(&import.mapping);
    let (batches, mut read) = mpsc::channel(READ_AHEAD);
    let done = u64::try_from(import.done).unwrap_or_default();
    let reading = tokio::task::spawn_blocking(move || reader::read(bytes, &mapping, plan, done, &batches));
    let mut progress = Progress::new(app.bus.clone(), ctx.scope().business()?, "import:progress");
    while let Some(batch) = read.recv().await {
        if ctx.stopping().is_cancelled() {
            return Ok(Outcome::retry("the process is stopping"));
        }
        let Some(import) = Box::pin(write_batch(app, ctx, id, &batch)).await? else {
            return Ok(Outcome::Done);
        };
        progress.tell(told(&import));
        if is_milestone(&batch) && !import.dry_run {
            measure(app, ctx).await;
        }
    }
    reading.await.map_err(|_| Problem::internal())??;
    finish(app, ctx, id, &progress).await?;
    if let Err(err) = app.storage.delete(&key).await {
        tracing::warn!(error = %err, "an import's file is left to the next sweep");
    }
    Ok(Outcome::Done)
}

/// Whether the import has become twice as long with this batch.
fn is_milestone(batch: &Batch) -> bool {
    let doubled = |rows: u64| (rows / FIRST_MEASURED).checked_ilog2();
    doubled(batch.after) != doubled(batch.through)
}

/// Queries that were planned for empty tables read all of a full one, for every batch. Without it the import is slower
/// and no less right.
async fn measure(app: &App, ctx: &JobContext) {
    let measured = async {
        let tx = app.db.write(ctx.scope()).await?;
        tx.measure(&FILLED).await?;
        tx.commit().await
    };
    if let Err(err) = measured.await {
        tracing::warn!(error = %err, "the tables that an import fills were not measured");
    }
}

/// People to whom a row may give its customer.
pub async fn owners(tx: &ReadTx) -> Result<Owners, Problem> {
    let users = tx.find::<users::store::Entity>();
    let users = users.filter(users::store::Column::Active.eq(true)).all().await?;
    Ok(Owners::of(
        users.into_iter().map(|user| (user.id, user.name, user.email)),
    ))
}

fn is_open(import: &store::Model) -> bool {
    matches!(Status::parse(&import.status), Status::Queued | Status::Running)
}

fn told(import: &store::Model) -> serde_json::Value {
    json!({ "import_id": import.id, "done": import.done, "rows": import.rows, "status": import.status })
}

/// Writes a batch; `None` when the import is over or somebody else has written the batch.
async fn write_batch(app: &App, ctx: &JobContext, id: i64, batch: &Batch) -> Result<Option<store::Model>, Problem> {
    let mut tried = 0;
    loop {
        tried += 1;
        match Box::pin(try_batch(app, ctx, id, batch)).await {
            // A phone was taken at the same moment, or two transactions met.
            Err(problem) if tried < TRIES && matches!(problem.status, 409 | 503) => {
                tokio::time::sleep(Duration::from_millis(50 * u64::from(tried))).await;
            }
            other => return other,
        }
    }
}

async fn try_batch(app: &App, ctx: &JobContext, id: i64, batch: &Batch) -> Result<Option<store::Model>, Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let Some(import) = tx.find::<Entity>().by_id(id).lock().one().await? else {
        return Ok(None);
    };
    if !is_open(&import) || u64::try_from(import.done).ok() != Some(batch.after) {
        return Ok(None);
    }
    let written = Box::pin(write::write(&tx, &import, batch.drafts.clone())).await?;
    let errors: Vec<&RowError> = batch.errors.iter().chain(&written.errors).collect();
    let skipped = batch.skipped + i64::try_from(written.errors.len()).unwrap_or_default();
    note_errors(&tx, &import, &errors).await?;
    let import = tx
        .update(store::ActiveModel {
            id: Set(id),
            status: Set(Status::Running.as_str().to_owned()),
            done: Set(i64::try_from(batch.through).unwrap_or(i64::MAX)),
            created: Set(import.created + written.created),
            updated: Set(import.updated + written.updated),
            skipped: Set(import.skipped + skipped),
            error_count: Set(import.error_count + i64::try_from(errors.len()).unwrap_or_default()),
            ..Default::default()
        })
        .await?;
    tx.commit().await?;
    Ok(Some(import))
}

async fn note_errors(tx: &WriteTx, import: &store::Model, errors: &[&RowError]) -> Result<(), Problem> {
    let left = usize::try_from(MOST_ERRORS - import.error_count).unwrap_or_default();
    let rows = errors.iter().take(left).map(|fault| error::ActiveModel {
        import_id: Set(import.id),
        row_number: Set(i64::try_from(fault.row).unwrap_or(i64::MAX)),
        field: Set(fault.field.clone()),
        code: Set(fault.code.clone()),
        message: Set(fault.message.clone()),
        cells: Set((!fault.cells.is_empty()).then(|| json!(fault.cells))),
        ..Default::default()
    });
    tx.insert_all(rows.collect()).await?;
    Ok(())
}

async fn finish(app: &App, ctx: &JobContext, id: i64, progress: &Progress) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let import = tx
        .update(store::ActiveModel {
            id: Set(id),
            status: Set(Status::Done.as_str().to_owned()),
            finished_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .await?;
    progress.end(&tx, told(&import)).await?;
    ctx.settle(&tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn give_up(app: &App, ctx: &JobContext, id: i64, why: &'static str) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    tx.update_many::<Entity>()?
        .col(Column::Status, Status::Failed.as_str())
        .col(Column::Failure, why)
        .col(Column::FinishedAt, tx.now())
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    tx.commit().await?;
    Ok(())
}
