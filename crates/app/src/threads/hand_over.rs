//! One person's threads become another's, or nobody's.

use kernel::{Problem, UserId};
use platform::db::WriteTx;
use sea_orm::ColumnTrait;

use super::store::thread::{Column, Entity};

/// Gives how many there were; the entry in the audit log is the caller's.
pub async fn hand_over(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<u64, Problem> {
    let changed = tx
        .update_many::<Entity>()?
        .col(Column::AssigneeId, to.map(i64::from))
        .col(Column::UpdatedAt, tx.now())
        .filter(Column::AssigneeId.eq(from.get()))
        .exec()
        .await?;
    Ok(changed)
}
