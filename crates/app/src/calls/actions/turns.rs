//! The turns of a conversation.

use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{
    ColumnTrait, Iterable, Order,
    sea_query::{Expr, OnConflict},
};

use crate::calls::{
    store::{call, turn},
    turn::Turn,
};

/// More turns than a call of the longest allowed length has.
const MOST_TURNS: u64 = 2_000;

/// The call's turns, in order.
pub async fn turns(tx: &ReadTx, call_id: i64) -> Result<Vec<Turn>, Problem> {
    let found = tx
        .find::<turn::Entity>()
        .filter(turn::Column::CallId.eq(call_id))
        .order_by(turn::Column::TurnId, Order::Asc)
        .limit(MOST_TURNS)
        .all()
        .await?;
    Ok(found.into_iter().map(Turn::from).collect())
}

/// Writes a finished turn; the same turn written again replaces itself. Also a sign of life.
pub async fn write_turn(tx: &WriteTx, call_id: i64, turn: Turn) -> Result<(), Problem> {
    use turn::Column as C;
    let turn_id = turn.turn_id;
    let mut in_place = OnConflict::columns([C::BusinessId, C::CallId, C::TurnId]);
    let identity = |column: &C| matches!(column, C::Id | C::BusinessId | C::CallId | C::TurnId | C::CreatedAt);
    in_place.update_columns(C::iter().filter(|column| !identity(column)));
    tx.insert_many(vec![turn.row(call_id, tx.now())], in_place).await?;
    count_turn(tx, call_id, turn_id).await
}

async fn count_turn(tx: &WriteTx, call_id: i64, turn_id: i32) -> Result<(), Problem> {
    tx.update_many::<call::Entity>()?
        .col_expr(
            call::Column::TurnCount,
            Expr::case(call::Column::TurnCount.lt(turn_id), turn_id)
                .finally(Expr::col(call::Column::TurnCount))
                .into(),
        )
        .col(call::Column::LastSeenAt, tx.now())
        .filter(call::Column::Id.eq(call_id))
        .exec()
        .await?;
    Ok(())
}
