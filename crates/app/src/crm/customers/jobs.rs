//! What is done about customers in the background.

use std::time::Duration;

use kernel::{BusinessId, CustomerId, Problem};
use platform::jobs::{Job, JobContext, Outcome, Registry};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

use super::{
    forget, merge, merges,
    removal::RESTORED_WITHIN,
    store::{self, Column},
};
use crate::{App, AppState};

const PURGE_EVERY: Duration = Duration::from_secs(60 * 60);
/// Customers purged by one job; the next one goes on.
const PURGED_AT_ONCE: u64 = 200;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<EraseFiles>()
        .with::<GatherMerged>()
        .every(PURGE_EVERY, PurgeDeleted {})
}

/// Erases files of somebody who was forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EraseFiles {
    /// Keys of the storage.
    pub keys: Vec<String>,
}

impl Job<AppState> for EraseFiles {
    const KIND: &'static str = "customers.erase_files";
    // The storage may be away for long, and the files must go.
    const MAX_ATTEMPTS: u32 = 30;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(300);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        for key in &self.keys {
            if let Err(err) = app.storage.delete(key).await {
                return Outcome::retry(err);
            }
        }
        Outcome::Done
    }
}

/// Brings over what was being written about a customer while they were merged into another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GatherMerged {
    pub merge_id: i64,
}

impl Job<AppState> for GatherMerged {
    const KIND: &'static str = "customers.gather_merged";
    const MAX_ATTEMPTS: u32 = 10;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(120);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(()) => Outcome::Done,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

impl GatherMerged {
    async fn work(&self, app: &App, ctx: &JobContext) -> Result<(), Problem> {
        let tx = app.db.write(ctx.scope()).await?;
        let found = tx.find::<merges::Entity>().by_id(self.merge_id).lock().one().await?;
        if let Some(found) = found.filter(|merge| merge.undone_at.is_none()) {
            merge::move_history(&tx, &found).await?;
        }
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Forgets those who were deleted too long ago to be restored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgeDeleted {}

impl Job<AppState> for PurgeDeleted {
    const KIND: &'static str = "customers.purge_deleted";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(600);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        purge(&app, &ctx).await.into()
    }
}

async fn purge(app: &App, ctx: &JobContext) -> Result<(), Problem> {
    let tx = app.db.read(ctx.scope()).await?;
    let over = store::deleted(&tx)
        .filter(Column::DeletedAt.lt(tx.now() - RESTORED_WITHIN))
        .order_by(Column::DeletedAt, sea_orm::Order::Asc)
        .limit(PURGED_AT_ONCE)
        .all()
        .await?;
    drop(tx);
    for customer in over {
        let (business, id) = (BusinessId::new(customer.business_id), customer.record_id());
        if let Err(problem) = purge_one(app, ctx, business, id).await {
            tracing::warn!(%problem, customer_id = customer.id, "a deleted customer was not purged");
        }
    }
    Ok(())
}

async fn purge_one(app: &App, ctx: &JobContext, business: BusinessId, id: CustomerId) -> Result<(), Problem> {
    let scope = ctx.scope_of(business)?;
    let tx = app.db.write(&scope).await?;
    // Restored just now, it stays.
    let over = store::deleted(&tx).by_id(id).lock().one().await?;
    if over.is_some() {
        forget::forget(&tx, id, "deleted 30 days ago").await?;
        tx.commit().await?;
    }
    Ok(())
}
