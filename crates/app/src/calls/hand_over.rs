//! Calls that one person has in hand become another's, or are free again.

use kernel::{Problem, UserId};
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};

use super::{actions, store::call};

/// Claims that still hold. Gives how many there were.
pub async fn hand_over(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<u64, Problem> {
    let claimed = tx
        .find::<call::Entity>()
        .filter(call::Column::ClaimedById.eq(from.get()))
        .filter(call::Column::ClaimedUntil.gt(tx.now()))
        .lock()
        .all()
        .await?;
    let mut handed = 0;
    for call in claimed {
        let (version, until) = (call.version, call.claimed_until);
        let mut row = call.into_active_model();
        row.claimed_by_id = Set(to.map(i64::from));
        row.claimed_until = Set(until.filter(|_| to.is_some()));
        row.version = Set(version + 1);
        row.updated_at = Set(tx.now());
        let call = tx.update(row).await?;
        tx.emit(actions::event("call:updated", &call)).await?;
        handed += 1;
    }
    Ok(handed)
}
