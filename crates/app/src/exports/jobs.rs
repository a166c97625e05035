//! Making an archive, and deleting it after its day.
//!
//! An attempt that dies leaves a part of a file on the disk, which the next attempt writes over; the archive is there
//! when it is complete, and not before.

use std::{path::Path, time::Duration};

use chrono::TimeDelta;
use kernel::{BusinessId, Problem};
use platform::{
    db::{DbError, WriteTx},
    jobs::{Job, JobContext, Outcome},
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    archive::Archive,
    gather::Gather,
    model::Status,
    pages::Counts,
    store::{ActiveModel, Column, Entity, Model},
};
use crate::{App, AppState};

/// So long an archive can be fetched.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
pub const SWEPT_EVERY: Duration = Duration::from_mins(10);
/// Archives that one run deletes.
const SWEPT_AT_ONCE: u64 = 100;

/// Makes an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeExport {
    pub export_id: i64,
}

impl Job<AppState> for MakeExport {
    const KIND: &'static str = "exports.make";
    const MAX_ATTEMPTS: u32 = 5;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_hours(4);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match make(&app, &ctx, self.export_id).await {
            Ok(()) => Outcome::Done,
            Err(problem) if !ctx.is_last_attempt() || ctx.stopping().is_cancelled() => Outcome::retry(problem),
            Err(problem) => match give_up(&app, &ctx, self.export_id, problem.code).await {
                Ok(()) => Outcome::Fail(problem.to_string()),
                Err(problem) => Outcome::retry(problem),
            },
        }
    }
}

async fn make(app: &App, ctx: &JobContext, id: i64) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let export = tx.find::<Entity>().by_id(id).lock().one().await?;
    let Some(export) = export.filter(is_open) else {
        return Ok(());
    };
    set(&tx, id, Status::Running, None).await?;
    tx.commit().await?;
    let scratch = app.settings.data_dir.join("scratch");
    tokio::fs::create_dir_all(&scratch)
        .await
        .map_err(|err| unwritten(&err))?;
    let path = scratch.join(format!("export-{id}.zip"));
    let counts = fill(app, ctx, &path).await?;
    let size = app.storage.put_file(&export.storage_key, &path).await?;
    if let Err(err) = tokio::fs::remove_file(&path).await {
        tracing::warn!(error = %err, "an archive's file is left behind");
    }
    let tx = app.db.write(ctx.scope()).await?;
    finish(&tx, id, counts, size).await?;
    ctx.settle(&tx).await?;
    tx.commit().await?;
    Ok(())
}

fn is_open(export: &Model) -> bool {
    matches!(Status::parse(&export.status), Status::Queued | Status::Running)
}

fn unwritten(err: &std::io::Error) -> Problem {
    tracing::error!(error = %err, "the data directory can not be used");
    Problem::internal()
}

async fn fill(app: &App, ctx: &JobContext, path: &Path) -> Result<Counts, Problem> {
    let archive = Archive::begin(path.to_owned());
    let mut all = Gather::of(app, ctx.scope(), &archive).await?;
    let filled = async {
        all.customers().await?;
        all.notes().await?;
        all.tasks().await?;
        all.deals().await?;
        all.calls().await?;
        all.messages().await?;
        all.message_files().await?;
        let pages = all.conversations().await?;
        all.index(pages).await?;
        Ok::<Counts, Problem>(all.counts)
    };
    let counts = tokio::select! {
        counts = filled => counts?,
        () = ctx.stopping().cancelled() => {
            return Err(Problem::new(503, "stopping", "the process is stopping"));
        }
    };
    archive.end().await?;
    Ok(counts)
}

async fn finish(tx: &WriteTx, id: i64, counts: Counts, size: u64) -> Result<(), Problem> {
    let now = tx.now();
    tx.update(ActiveModel {
        id: Set(id),
        status: Set(Status::Done.as_str().to_owned()),
        size_bytes: Set(i64::try_from(size).ok()),
        counts: Set(json!({
            "customers": counts.customers, "notes": counts.notes, "tasks": counts.tasks, "deals": counts.deals, "calls": counts.calls,
            "messages": counts.messages, "files": counts.files,
            "recordings": counts.recordings, "missing_recordings": counts.missing,
        })),
        finished_at: Set(Some(now)),
        expires_at: Set(Some(now + KEPT)),
        ..Default::default()
    })
    .await?;
    announce(tx, id, Status::Done).await
}

async fn announce(tx: &WriteTx, id: i64, status: Status) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "export:progress",
        payload: json!({ "export_id": id, "status": status }),
    })
    .await?;
    Ok(())
}

async fn set(tx: &WriteTx, id: i64, status: Status, failure: Option<&str>) -> Result<(), Problem> {
    tx.update_many::<Entity>()?
        .col(Column::Status, status.as_str())
        .col(Column::Failure, failure.map(str::to_owned))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    Ok(())
}

async fn give_up(app: &App, ctx: &JobContext, id: i64, why: &'static str) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    set(&tx, id, Status::Failed, Some(why)).await?;
    announce(&tx, id, Status::Failed).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes the archives of all businesses whose day is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepExports {}

impl Job<AppState> for SweepExports {
    const KIND: &'static str = "exports.sweep";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_mins(5);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        sweep(&app, &ctx).await.into()
    }
}

async fn sweep(app: &App, ctx: &JobContext) -> Result<(), Problem> {
    let tx = app.db.system_read("archives whose day is over").await?;
    let over = Entity::find()
        .filter(Column::Status.eq(Status::Done.as_str()))
        .filter(Column::ExpiresAt.lt(tx.now()))
        .limit(SWEPT_AT_ONCE)
        .all(tx.conn())
        .await
        .map_err(DbError::from)?;
    drop(tx);
    for export in over {
        app.storage.delete(&export.storage_key).await?;
        let tx = app
            .db
            .write(&ctx.scope_of(BusinessId::new(export.business_id))?)
            .await?;
        set(&tx, export.id, Status::Expired, None).await?;
        tx.commit().await?;
    }
    Ok(())
}
