//! Clears away what undoing needed, once it can not be undone any more.

use std::time::Duration;

use kernel::{BusinessId, Problem};
use platform::{
    db::DbError,
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};

use super::{
    actions::UNDONE_WITHIN,
    store::{Column, Entity, Model, error, row},
};
use crate::{App, AppState, crm::bulk};

pub const EVERY: Duration = Duration::from_hours(1);
/// Imports, and bulk edits, that one run clears away.
const AT_ONCE: u64 = 50;

/// Looks for imports and bulk edits of all businesses whose time is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepImports {}

impl Job<AppState> for SweepImports {
    const KIND: &'static str = "customers.sweep_imports";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_mins(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        sweep(&app, &ctx).await.into()
    }
}

async fn sweep(app: &App, ctx: &JobContext) -> Result<(), Problem> {
    let tx = app.db.system_read("imports whose time is over").await?;
    let before = tx.now() - UNDONE_WITHIN;
    let old_rows = Expr::cust(
        "EXISTS (SELECT 1 FROM customer_import_rows r WHERE r.business_id = customer_imports.business_id \
         AND r.import_id = customer_imports.id)",
    );
    let over = Condition::any()
        .add(Column::StorageKey.is_not_null())
        .add(Condition::all().add(Column::FinishedAt.lt(before)).add(old_rows));
    let imports = Entity::find()
        .filter(Column::FinishedAt.is_not_null())
        .filter(over)
        .order_by_asc(Column::Id)
        .limit(AT_ONCE)
        .all(tx.conn())
        .await
        .map_err(DbError::from)?;
    let bulks = bulk::store::Entity::find()
        .filter(bulk::store::Column::FinishedAt.lt(before))
        .filter(Expr::cust(
            "EXISTS (SELECT 1 FROM customer_bulk_rows r WHERE r.business_id = customer_bulks.business_id \
             AND r.bulk_id = customer_bulks.id)",
        ))
        .order_by_asc(bulk::store::Column::Id)
        .limit(AT_ONCE)
        .all(tx.conn())
        .await
        .map_err(DbError::from)?;
    drop(tx);
    for import in imports {
        let is_old = import.finished_at.is_some_and(|at| at < before);
        clear(app, ctx, import, is_old).await?;
    }
    for bulk in bulks {
        let tx = app.db.write(&ctx.scope_of(BusinessId::new(bulk.business_id))?).await?;
        tx.delete_many::<bulk::store::row::Entity>()?
            .filter(bulk::store::row::Column::BulkId.eq(bulk.id))
            .exec()
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The file goes as soon as nobody reads it, the rest when the import can not be undone any more.
async fn clear(app: &App, ctx: &JobContext, import: Model, is_old: bool) -> Result<(), Problem> {
    if let Some(key) = &import.storage_key {
        app.storage.delete(key).await?;
    }
    let tx = app
        .db
        .write(&ctx.scope_of(BusinessId::new(import.business_id))?)
        .await?;
    if is_old {
        tx.delete_many::<row::Entity>()?
            .filter(row::Column::ImportId.eq(import.id))
            .exec()
            .await?;
        tx.delete_many::<error::Entity>()?
            .filter(error::Column::ImportId.eq(import.id))
            .exec()
            .await?;
    }
    tx.update_many::<Entity>()?
        .col(Column::StorageKey, None::<String>)
        .filter(Column::Id.eq(import.id))
        .exec()
        .await?;
    tx.commit().await?;
    Ok(())
}
