//! What a call left to do falls due when its caller wants to be called back.

use chrono::{DateTime, Utc};
use kernel::{CallId, Problem, TaskId};
use platform::{db::WriteTx, http::IfMatch};
use sea_orm::ColumnTrait;

use super::{
    actions,
    model::{Fields, Source, Status},
    people,
    store::{Column, Entity},
};

/// The caller said when to call back, after the agent had made the call's tasks: they are due then, or when the business
/// opens after it.
pub async fn due_as_wished(tx: &WriteTx, call: CallId, wish: DateTime<Utc>) -> Result<(), Problem> {
    let open = tx
        .find::<Entity>()
        .filter(Column::CallId.eq(call.get()))
        .filter(Column::Source.eq(Source::Call.as_str()))
        .filter(Column::Status.eq(Status::Open.as_str()))
        .all()
        .await?;
    if open.is_empty() {
        return Ok(());
    }
    let due = people::due_on_wish(tx, wish).await?;
    for task in open {
        let fields = Fields {
            due_at: Some(Some(due)),
            ..Fields::default()
        };
        actions::update(tx, TaskId::new(task.id), &IfMatch::default(), fields).await?;
    }
    Ok(())
}
