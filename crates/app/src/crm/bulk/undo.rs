//! Undoing a bulk edit. A customer who was changed since is left as they are, and named.

use std::{collections::BTreeMap, time::Duration};

use kernel::Problem;
use platform::{
    db::WriteTx,
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Order};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    jobs::{AT_ONCE, DELETED, told},
    store::{self, Entity, row},
};
use crate::{
    App, AppState,
    crm::{
        customers::{batch, identities::Known, store as customers},
        imports::{model::Status, progress::Progress},
    },
    timeline,
};

/// Customers that are named as left alone; the others are counted.
const MOST_NAMED: usize = 1_000;

/// Undoes a bulk edit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoBulk {
    pub bulk_id: i64,
}

impl Job<AppState> for UndoBulk {
    const KIND: &'static str = "customers.undo_bulk";
    const MAX_ATTEMPTS: u32 = 20;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_hours(1);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match Box::pin(work(&app, &ctx, self.bulk_id)).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
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
    let tx = app.db.write(ctx.scope()).await?;
    let bulk = tx
        .update(store::ActiveModel {
            id: Set(id),
            status: Set(Status::Undone.as_str().to_owned()),
            undone_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .await?;
    progress.end(&tx, told(&bulk)).await?;
    ctx.settle(&tx).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Undoes the next rows, and forgets them; `None` when there are none.
async fn batch_of(app: &App, ctx: &JobContext, id: i64) -> Result<Option<store::Model>, Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let Some(bulk) = tx.find::<Entity>().by_id(id).lock().one().await? else {
        return Ok(None);
    };
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::BulkId.eq(id))
        .order_by(row::Column::Id, Order::Asc)
        .limit(u64::try_from(AT_ONCE).unwrap_or(u64::MAX))
        .all()
        .await?;
    if rows.is_empty() || Status::parse(&bulk.status) != Status::Undoing {
        return Ok(None);
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.customer_id).collect();
    let mut customers: BTreeMap<i64, customers::Model> = batch::locked(&tx, &ids)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let (mut left, mut undone) = (Vec::new(), 0);
    let mut events = Vec::new();
    for row in &rows {
        let as_left = customers
            .remove(&row.customer_id)
            .filter(|now| now.version == row.version);
        match undo(&tx, as_left, row).await? {
            Some(event) => {
                events.push(event);
                undone += 1;
            }
            None => left.push(row.customer_id),
        }
    }
    timeline::put_all(&tx, events).await?;
    tx.delete_many::<row::Entity>()?
        .filter(row::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec()
        .await?;
    let bulk = count(&tx, &bulk, undone, &left).await?;
    tx.commit().await?;
    Ok(Some(bulk))
}

/// What the timeline says of it; `None` when the customer is to be left alone.
async fn undo(
    tx: &WriteTx,
    customer: Option<customers::Model>,
    row: &row::Model,
) -> Result<Option<timeline::Entry>, Problem> {
    let (Some(customer), Some(differences)) = (customer, row.differences.as_object()) else {
        return Ok(None);
    };
    let mut by = Map::new();
    by.insert("by".to_owned(), "user".into());
    by.insert("bulk_id".to_owned(), row.bulk_id.into());
    by.insert("undone".to_owned(), true.into());
    if !differences.contains_key(DELETED) {
        let fields = batch::undoing(differences);
        let edited = batch::edit(tx, customer, &Known::default(), fields).await?;
        return Ok(Some(batch::event(&edited, &by)));
    }
    if !batch::may_come_back(tx, customer.id).await? {
        return Ok(None);
    }
    batch::restore(tx, &[customer.id]).await?;
    let mut back = Map::new();
    back.insert(DELETED.to_owned(), serde_json::json!({ "from": true, "to": false }));
    let after = batch::locked(tx, &[customer.id]).await?.pop().unwrap_or(customer);
    let edited = batch::Edited {
        after,
        differences: back,
    };
    Ok(Some(batch::event(&edited, &by)))
}

async fn count(tx: &WriteTx, bulk: &store::Model, undone: i64, left: &[i64]) -> Result<store::Model, Problem> {
    let mut kept: Vec<i64> = serde_json::from_value(bulk.kept.clone()).unwrap_or_default();
    let more = MOST_NAMED.saturating_sub(kept.len());
    kept.extend(left.iter().take(more));
    Ok(tx
        .update(store::ActiveModel {
            id: Set(bulk.id),
            undone: Set(bulk.undone + undone),
            kept: Set(Value::from(kept)),
            kept_count: Set(bulk.kept_count + i64::try_from(left.len()).unwrap_or_default()),
            ..Default::default()
        })
        .await?)
}
