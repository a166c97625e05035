//! One person's customers become another's, or nobody's.

use kernel::{Problem, UserId};
use platform::db::WriteTx;
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait},
};

use super::store::{Column, Entity};

/// Deleted ones, too: they may be restored. Gives how many there were; the entry in the audit log is the caller's.
pub async fn hand_over(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<u64, Problem> {
    let changed = tx
        .update_many::<Entity>()?
        .col(Column::OwnerId, to.map(i64::from))
        .col(Column::UpdatedAt, tx.now())
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::OwnerId.eq(from.get()))
        .exec()
        .await?;
    Ok(changed)
}
