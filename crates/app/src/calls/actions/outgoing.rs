//! Calls that begin here: placed by a person, or tried out in the browser.

use chrono::TimeDelta;
use kernel::Problem;
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};

use serde_json::json;
use uuid::Uuid;

use super::{audit, by_id, event, show};
use crate::calls::{
    model::{Direction, Status},
    store::call,
};

/// What stands in `call_sid` until Twilio has given the call a sid.
pub const NOT_YET_PLACED: &str = "pending-";

/// A call that a person places.
#[derive(Clone, Debug)]
pub struct Placing {
    pub user_id: i64,
    pub customer_id: Option<i64>,
    /// Both in E.164.
    pub from: String,
    pub to: String,
}

/// Calls that a business places within an hour: more than people dial, and little for who has stolen a sign-in.
const MOST_AN_HOUR: u64 = 120;
const WAIT_SECONDS: u64 = 300;

/// Writes a call that is about to be placed; [`placed`] adds Twilio's sid. 429 `too_many_calls` for one too many in an
/// hour.
pub async fn place(tx: &WriteTx, placing: Placing) -> Result<call::Model, Problem> {
    let lately = tx
        .find::<call::Entity>()
        .filter(call::Column::Direction.eq(Direction::Out.as_str()))
        .filter(call::Column::CreatedAt.gt(tx.now() - TimeDelta::hours(1)))
        .count()
        .await?;
    if lately >= MOST_AN_HOUR {
        let mut problem = Problem::new(
            429,
            "too_many_calls",
            "this business has placed very many calls within an hour",
        );
        problem.retry_after_seconds = Some(WAIT_SECONDS);
        return Err(problem);
    }
    let row = call::ActiveModel {
        call_sid: Set(format!("{NOT_YET_PLACED}{}", Uuid::now_v7())),
        customer_id: Set(placing.customer_id),
        user_id: Set(Some(placing.user_id)),
        direction: Set(Direction::Out.as_str().to_owned()),
        from_number: Set(placing.from),
        to_number: Set(placing.to),
        status: Set(Status::Queued.as_str().to_owned()),
        ..call::ActiveModel::blank(tx.now())
    };
    let call = tx.insert(row).await?;
    show(tx, &call).await?;
    tx.emit(event("call:started", &call)).await?;
    audit(tx, "call.placed", call.id, json!({ "customer_id": call.customer_id })).await?;
    Ok(call)
}

/// What stands as the number of a browser.
const BROWSER: &str = "browser";

/// Writes a call in which a browser takes the caller's place. `to` is the business's number, if it has one.
pub async fn try_out(
    tx: &WriteTx,
    call_sid: &str,
    user_id: Option<i64>,
    to: Option<&str>,
) -> Result<call::Model, Problem> {
    let row = call::ActiveModel {
        call_sid: Set(call_sid.to_owned()),
        user_id: Set(user_id),
        direction: Set(Direction::In.as_str().to_owned()),
        from_number: Set(BROWSER.to_owned()),
        to_number: Set(to.unwrap_or(BROWSER).to_owned()),
        status: Set(Status::Ringing.as_str().to_owned()),
        test: Set(true),
        ..call::ActiveModel::blank(tx.now())
    };
    let call = tx.insert(row).await?;
    audit(tx, "call.tested", call.id, json!({})).await?;
    Ok(call)
}

/// Twilio has taken an outgoing call, and this is its sid there.
pub async fn placed(tx: &WriteTx, id: i64, call_sid: &str) -> Result<call::Model, Problem> {
    let call = by_id(tx, id).await?;
    if call.call_sid == call_sid {
        return Ok(call);
    }
    let mut row = call.into_active_model();
    row.call_sid = Set(call_sid.to_owned());
    row.updated_at = Set(tx.now());
    Ok(tx.update(row).await?)
}
