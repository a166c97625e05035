//! What people do with calls: take them in hand, settle them, say whose they are.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CustomerId, Problem};
use platform::db::WriteTx;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, IntoActiveModel,
    sea_query::SimpleExpr,
};
use serde_json::json;

use super::{by_id, show};
use crate::{
    calls::{alerts::link_of, model::CLAIM_MINUTES, store::call},
    crm, notifications, timeline,
};

/// Takes a waiting call in hand for half an hour. 409 `claimed` while someone else has it; 403 without a person.
pub async fn claim(tx: &WriteTx, id: i64, user_id: Option<i64>) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    let user_id = user_id.ok_or_else(|| Problem::forbidden("only people of the business take its calls in hand"))?;
    let now = tx.now();
    if let (Some(holder), Some(until)) = (call.claimed_by_id, call.claimed_until)
        && holder != user_id
        && until > now
    {
        return Err(Problem::conflict("claimed", "someone else has this call in hand")
            .with("claimed_by_id", holder.into())
            .with("claimed_until", json!(until)));
    }
    let mut row = call.into_active_model();
    row.claimed_by_id = Set(Some(user_id));
    row.claimed_until = Set(Some(now + TimeDelta::minutes(CLAIM_MINUTES)));
    row.updated_at = Set(now);
    changed(tx, row).await
}

/// Someone has dealt with it: this call, and the same caller's earlier ones, wait no longer.
pub async fn handle(tx: &WriteTx, id: i64, user_id: Option<i64>) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    let now = match same_caller(&call) {
        Some(who) => wait_no_longer(tx, who, call.created_at, user_id).await?,
        None => tx.now(),
    };
    notifications::settled(tx, &[link_of(call.id)]).await?;
    let mut row = call.into_active_model();
    row.needs_callback = Set(false);
    row.handled_at = Set(Some(now));
    row.handled_by_id = Set(user_id);
    row.claimed_by_id = Set(None);
    row.claimed_until = Set(None);
    row.updated_at = Set(now);
    let call = changed(tx, row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// Takes back that someone has dealt with it: this call, and those that were settled with it, wait again if they did
/// before. 409 `not_handled` for one that nobody has dealt with.
pub async fn unhandle(tx: &WriteTx, id: i64) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    let Some(handled_at) = call.handled_at else {
        return Err(Problem::conflict("not_handled", "nobody has dealt with this call"));
    };
    if let Some(who) = same_caller(&call) {
        tx.update_many::<call::Entity>()?
            .col(call::Column::NeedsCallback, true)
            .col(call::Column::HandledAt, None::<DateTime<Utc>>)
            .col(call::Column::HandledById, None::<i64>)
            .col(call::Column::UpdatedAt, tx.now())
            .filter(who)
            .filter(call::Column::HandledAt.eq(handled_at))
            .filter(call::Column::CallbackSince.is_not_null())
            .exec()
            .await?;
    }
    let mut row = call.into_active_model();
    row.needs_callback = Set(row.callback_since.as_ref().is_some());
    row.handled_at = Set(None);
    row.handled_by_id = Set(None);
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// The calls of whoever called; none for a hidden caller, who may be anybody.
fn same_caller(call: &call::Model) -> Option<SimpleExpr> {
    match call.customer_id {
        Some(customer) => Some(call::Column::CustomerId.eq(customer)),
        None if call.caller_hidden => None,
        None => Some(call::Column::FromNumber.eq(call.from_number.as_str())),
    }
}

/// Whoever waits to be called back among these calls, up to and with the one of this time, was dealt with; gives when.
/// Whom people were told of need not be looked at any more.
pub(super) async fn wait_no_longer(
    tx: &WriteTx,
    who: SimpleExpr,
    until: DateTime<Utc>,
    user_id: Option<i64>,
) -> Result<DateTime<Utc>, Problem> {
    let now = tx.now();
    let waiting = tx
        .find::<call::Entity>()
        .filter(who)
        .filter(call::Column::NeedsCallback.eq(true))
        .filter(call::Column::CreatedAt.lte(until))
        .all()
        .await?;
    let waiting: Vec<i64> = waiting.into_iter().map(|call| call.id).collect();
    tx.update_many::<call::Entity>()?
        .col(call::Column::NeedsCallback, false)
        .col(call::Column::HandledAt, now)
        .col(call::Column::HandledById, user_id)
        .col(call::Column::UpdatedAt, now)
        .filter(call::Column::Id.is_in(waiting.iter().copied()))
        .exec()
        .await?;
    let links: Vec<String> = waiting.into_iter().map(link_of).collect();
    notifications::settled(tx, &links).await?;
    Ok(now)
}

/// Says whose call it was.
pub async fn link(tx: &WriteTx, id: i64, customer_id: CustomerId) -> Result<call::Model, Problem> {
    let customer = crm::customers::store::get(tx, customer_id).await?;
    let call = by_id(tx, id).await?;
    if call.test {
        return Err(Problem::conflict("test_call", "a test call belongs to no customer"));
    }
    let mut row = call.into_active_model();
    row.customer_id = Set(Some(customer.id));
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    show(tx, &call).await?;
    Ok(call)
}

/// Takes the link back.
pub async fn unlink(tx: &WriteTx, id: i64) -> Result<call::Model, Problem> {
    let mut row = by_id(tx, id).await?.into_active_model();
    row.customer_id = Set(None);
    row.updated_at = Set(tx.now());
    let call = changed(tx, row).await?;
    timeline::take_out(tx, "call", &call.id.to_string()).await?;
    Ok(call)
}

/// Saves a change by a person and counts the record's version up.
async fn changed(tx: &WriteTx, mut row: call::ActiveModel) -> Result<call::Model, Problem> {
    if let Unchanged(version) = row.version {
        row.version = Set(version + 1);
    }
    Ok(tx.update(row).await?)
}
