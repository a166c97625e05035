//! A call that is about to be changed: locked until the transaction ends.

use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::ColumnTrait;

use crate::calls::store::call;

/// The call with Twilio's sid, locked.
pub async fn by_sid(tx: &ReadTx, call_sid: &str) -> Result<Option<call::Model>, Problem> {
    Ok(tx
        .find::<call::Entity>()
        .filter(call::Column::CallSid.eq(call_sid))
        .lock()
        .one()
        .await?)
}

/// The call with this id, locked.
pub async fn by_id(tx: &ReadTx, id: i64) -> Result<call::Model, Problem> {
    tx.find::<call::Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}
