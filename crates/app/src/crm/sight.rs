//! Which records an actor may see, for every kind of record that has somebody who looks after it.

use kernel::Visibility;
use platform::db::{Find, Owned, ReadTx};
use sea_orm::{ColumnTrait, Condition};

/// The rows that the actor may see: all of the business, or those that `holder` says are theirs or nobody's.
pub fn visible<E>(tx: &ReadTx, holder: E::Column) -> Find<'_, E>
where
    E: Owned,
    E::Model: Send + Sync,
{
    tx.find::<E>().filter(condition(tx, holder))
}

/// What makes a row one of those.
pub fn condition(tx: &ReadTx, holder: impl ColumnTrait) -> Condition {
    match tx.scope().visibility() {
        Visibility::All => Condition::all(),
        Visibility::OwnAndUnassigned(user) => Condition::any().add(holder.eq(user.get())).add(holder.is_null()),
    }
}
