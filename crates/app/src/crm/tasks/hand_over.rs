//! What one person has to do becomes another's to do, or nobody's.

use kernel::{Problem, UserId};
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::{Map, json};

use super::{
    actions,
    model::Status,
    store::{Column, Entity},
};

/// Tasks that are not done, each with its timeline, event and audit entry. Gives how many there were.
pub async fn hand_over(tx: &WriteTx, from: UserId, to: Option<UserId>) -> Result<u64, Problem> {
    let open = tx
        .find::<Entity>()
        .filter(Column::AssigneeId.eq(from.get()))
        .filter(Column::Status.ne(Status::Done.as_str()))
        .lock()
        .all()
        .await?;
    let mut handed = 0;
    for before in open {
        let mut row = before.clone().into_active_model();
        row.assignee_id = Set(to.map(i64::from));
        let mut changes = Map::new();
        changes.insert(
            "assignee_id".to_owned(),
            json!({ "from": from, "to": to.map(i64::from) }),
        );
        actions::save(tx, before, row, "task.handed_over", changes).await?;
        handed += 1;
    }
    Ok(handed)
}
