//! Undoing an import: what it made goes away, what it changed becomes what it was.
//!
//! What was done with a customer since is never undone with it: such a customer is left as it is.

use std::{collections::BTreeMap, time::Duration};

use kernel::Problem;
use platform::{
    db::{ReadTx, WriteTx},
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    model::Status,
    progress::Progress,
    store::{self, Entity, row},
    write::event,
};
use crate::{
    App, AppState,
    crm::customers::{batch, identities, store as customers},
    timeline,
};

const ROWS_AT_ONCE: u64 = 200;
/// How many customers a refusal names.
const MOST_NAMED: u64 = 20;

/// Undoes an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoImport {
    pub import_id: i64,
}

/// 409 `import_in_use`, with the first customers in use and in what (`depends`), when something was done with customers
/// of this import after it.
pub async fn refuse_used(tx: &ReadTx, import: i64) -> Result<(), Problem> {
    let mut used: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for event in events_since(tx, import, MOST_NAMED * 5).await? {
        let kinds = used.entry(event.customer_id).or_default();
        if !kinds.contains(&event.kind) {
            kinds.push(event.kind);
        }
    }
    for customer in changed_since(tx, import).await? {
        let kinds = used.entry(customer).or_default();
        if !kinds.iter().any(|kind| kind == "change") {
            kinds.push("change".to_owned());
        }
    }
    if used.is_empty() {
        return Ok(());
    }
    let named = usize::try_from(MOST_NAMED).unwrap_or(usize::MAX);
    let ids: Vec<i64> = used.keys().copied().take(named).collect();
    let names = tx
        .find::<customers::Entity>()
        .filter(customers::Column::Id.is_in(ids))
        .order_by(customers::Column::Id, Order::Asc)
        .all()
        .await?;
    let depends: Vec<_> = names
        .into_iter()
        .map(|customer| json!({ "customer_id": customer.id, "name": customer.name, "what": used.get(&customer.id) }))
        .collect();
    let problem = Problem::conflict("import_in_use", "something was done with its customers since");
    Err(problem.with("depends", depends.into()))
}

/// What the timelines of customers that the import made say besides the import.
async fn events_since(tx: &ReadTx, import: i64, limit: u64) -> Result<Vec<timeline::Model>, Problem> {
    let made = row::Entity::find()
        .select_only()
        .column(row::Column::CustomerId)
        .filter(row::Column::BusinessId.eq(tx.scope().business()?.get()))
        .filter(row::Column::ImportId.eq(import))
        .filter(row::Column::Differences.is_null());
    Ok(tx
        .find::<timeline::Entity>()
        .filter(timeline::Column::CustomerId.in_subquery(made.into_query()))
        .filter(told_by(import).not())
        .order_by(timeline::Column::CustomerId, Order::Asc)
        .limit(limit)
        .all()
        .await?)
}

/// The import's own events.
fn told_by(import: i64) -> Condition {
    Condition::all()
        .add(timeline::Column::Kind.eq("import"))
        .add(timeline::Column::RefId.starts_with(format!("{import}:")))
}

/// The first customers of the import that are not as it left them.
async fn changed_since(tx: &ReadTx, import: i64) -> Result<Vec<i64>, Problem> {
    let left_as = format!(
        "(SELECT MAX(r.version) FROM customer_import_rows r WHERE r.business_id = customers.business_id \
         AND r.import_id = {import} AND r.customer_id = customers.id)"
    );
    let changed = tx
        .find::<customers::Entity>()
        .filter(Expr::cust(format!(
            "customers.id IN (SELECT customer_id FROM customer_import_rows WHERE import_id = {import}) \
             AND customers.version <> {left_as}"
        )))
        .order_by(customers::Column::Id, Order::Asc)
        .limit(MOST_NAMED)
        .all()
        .await?;
    Ok(changed.into_iter().map(|customer| customer.id).collect())
}

impl Job<AppState> for UndoImport {
    const KIND: &'static str = "customers.undo_import";
    const MAX_ATTEMPTS: u32 = 20;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_hours(1);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match Box::pin(work(&app, &ctx, self.import_id)).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

async fn work(app: &App, ctx: &JobContext, id: i64) -> Result<Outcome, Problem> {
    let mut progress = Progress::new(app.bus.clone(), ctx.scope().business()?, "import:progress");
    let mut at_once = ROWS_AT_ONCE;
    loop {
        if ctx.stopping().is_cancelled() {
            return Ok(Outcome::retry("the process is stopping"));
        }
        match Box::pin(undo_batch(app, ctx, id, at_once)).await {
            Ok(Some(import)) => progress.tell(told(&import)),
            Ok(None) => break,
            // Something refers to one of them of which the timeline does not tell: which, is found one by one.
            Err(problem) if problem.status == 500 && at_once > 1 => at_once = 1,
            Err(problem) if problem.status == 500 => keep_next(app, ctx, id).await?,
            Err(problem) => return Err(problem),
        }
    }
    let tx = app.db.write(ctx.scope()).await?;
    let import = tx
        .update(store::ActiveModel {
            id: Set(id),
            status: Set(Status::Undone.as_str().to_owned()),
            undone_at: Set(Some(tx.now())),
            ..Default::default()
        })
        .await?;
    progress.end(&tx, told(&import)).await?;
    ctx.settle(&tx).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

fn told(import: &store::Model) -> serde_json::Value {
    json!({
        "import_id": import.id, "done": import.undone + import.kept, "rows": import.created + import.updated,
        "status": import.status,
    })
}

/// The latest rows of the import that are left, newest first.
async fn latest(tx: &WriteTx, id: i64, most: u64) -> Result<Vec<row::Model>, Problem> {
    Ok(tx
        .find::<row::Entity>()
        .filter(row::Column::ImportId.eq(id))
        .order_by(row::Column::Id, Order::Desc)
        .limit(most)
        .all()
        .await?)
}

/// Undoes the latest rows that are left; `None` when there are none.
async fn undo_batch(app: &App, ctx: &JobContext, id: i64, most: u64) -> Result<Option<store::Model>, Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let Some(import) = tx.find::<Entity>().by_id(id).lock().one().await? else {
        return Ok(None);
    };
    let rows = latest(&tx, id, most).await?;
    if rows.is_empty() || Status::parse(&import.status) != Status::Undoing {
        return Ok(None);
    }
    // Of a customer with two rows the later one is undone first, and alone.
    let mut batch: Vec<row::Model> = Vec::with_capacity(rows.len());
    for row in rows {
        if batch.iter().any(|later| later.customer_id == row.customer_id) {
            break;
        }
        batch.push(row);
    }
    forget_rows(&tx, &batch).await?;
    let undone = Box::pin(undo_rows(&tx, id, &batch)).await?;
    let import = count(
        &tx,
        &import,
        undone,
        i64::try_from(batch.len()).unwrap_or_default() - undone,
    )
    .await?;
    tx.commit().await?;
    Ok(Some(import))
}

async fn forget_rows(tx: &WriteTx, rows: &[row::Model]) -> Result<(), Problem> {
    tx.delete_many::<row::Entity>()?
        .filter(row::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec()
        .await?;
    Ok(())
}

async fn count(tx: &WriteTx, import: &store::Model, undone: i64, kept: i64) -> Result<store::Model, Problem> {
    Ok(tx
        .update(store::ActiveModel {
            id: Set(import.id),
            undone: Set(import.undone + undone),
            kept: Set(import.kept + kept),
            ..Default::default()
        })
        .await?)
}

/// Leaves the next customer as it is.
async fn keep_next(app: &App, ctx: &JobContext, id: i64) -> Result<(), Problem> {
    let tx = app.db.write(ctx.scope()).await?;
    let import = tx.get::<Entity>(id).await?;
    let rows = latest(&tx, id, 1).await?;
    forget_rows(&tx, &rows).await?;
    count(&tx, &import, 0, 1).await?;
    tx.commit().await?;
    Ok(())
}

/// How many of these rows could be undone.
async fn undo_rows(tx: &WriteTx, import: i64, rows: &[row::Model]) -> Result<i64, Problem> {
    let ids: Vec<i64> = rows.iter().map(|row| row.customer_id).collect();
    let mut customers: BTreeMap<i64, customers::Model> = batch::locked(tx, &ids)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let used = used_among(tx, import, &ids).await?;
    let mut known = identities::of_many(tx, &ids).await?;
    let (mut made, mut undone) = (Vec::new(), 0);
    for row in rows {
        let Some(customer) = customers
            .remove(&row.customer_id)
            .filter(|now| now.version == row.version)
        else {
            continue;
        };
        match row.differences.as_ref().and_then(serde_json::Value::as_object) {
            None if used.contains(&customer.id) => continue,
            None => made.push(customer.id),
            Some(differences) => {
                let known = known.remove(&customer.id).unwrap_or_default();
                let fields = batch::undoing(differences);
                if !batch::phones_are_free(tx, customer.id, &fields).await? {
                    continue;
                }
                let edited = batch::edit(tx, customer, &known, fields).await?;
                follow(tx, import, &edited.after).await?;
                timeline::take_out(tx, "import", &event(import, edited.after.id)).await?;
            }
        }
        undone += 1;
    }
    batch::erase(tx, &made).await?;
    Ok(undone)
}

/// The customers among these with whom something was done since the import made them.
async fn used_among(tx: &ReadTx, import: i64, ids: &[i64]) -> Result<Vec<i64>, Problem> {
    let events = tx
        .find::<timeline::Entity>()
        .filter(timeline::Column::CustomerId.is_in(ids.iter().copied()))
        .filter(told_by(import).not())
        .all()
        .await?;
    Ok(events.into_iter().map(|event| event.customer_id).collect())
}

/// An earlier row of the same import finds the customer as its undoing left it.
async fn follow(tx: &WriteTx, import: i64, customer: &customers::Model) -> Result<(), Problem> {
    tx.update_many::<row::Entity>()?
        .col(row::Column::Version, customer.version)
        .filter(
            Condition::all()
                .add(row::Column::ImportId.eq(import))
                .add(row::Column::CustomerId.eq(customer.id)),
        )
        .exec()
        .await?;
    Ok(())
}
