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
    let find = tx.find::<E>();
    match tx.scope().visibility() {
        Visibility::All => find,
        Visibility::OwnAndUnassigned(user) => {
            find.filter(Condition::any().add(holder.eq(user.get())).add(holder.is_null()))
        }
    }
}
