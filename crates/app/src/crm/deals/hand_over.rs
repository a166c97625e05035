//! One person's open deals become another's, or nobody's. What is won or lost stays with who won or lost it.

use kernel::{Problem, UserId};
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::{Map, json};

use super::{
    actions,
    model::Status,
    store::{Column, Entity},
};

/// Each with its timeline, event and audit entry. Gives how many there were.
pub async fn hand_over(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<u64, Problem> {
    let open = tx
        .find::<Entity>()
        .filter(Column::OwnerId.eq(from.get()))
        .filter(Column::Status.eq(Status::Open.as_str()))
        .lock()
        .all()
        .await?;
    let mut handed = 0;
    for before in open {
        let mut row = before.clone().into_active_model();
        row.owner_id = Set(to.map(i64::from));
        let mut changes = Map::new();
        changes.insert("owner_id".to_owned(), json!({ "from": from, "to": to.map(i64::from) }));
        actions::save(tx, before, row, "deal.handed_over", changes).await?;
        handed += 1;
    }
    Ok(handed)
}
