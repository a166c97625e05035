//! `transfer_to_person`: the caller's wish for a person goes onto the call before the line is handed over, so that it
//! is not lost when nobody answers.

use kernel::{Permission, Problem};
use platform::db::AuditEntry;
use serde_json::json;

use super::{Around, Done, Place};
use crate::{
    calls::{actions, alerts},
    threads,
};

pub async fn run(around: Around<'_>, reason: &str) -> Result<Done, Problem> {
    let scope = around.scope;
    let live = match around.place {
        Place::Call(live) => live,
        Place::Thread(thread) => return in_writing(around, thread, reason).await,
    };
    scope.require(Permission::CallsWork)?;
    let tx = around.app.db.write(scope).await?;
    let call = actions::by_id(&tx, live.call_id.get()).await?;
    let id = call.id;
    let call = actions::person_wanted(&tx, call).await?;
    if !call.test {
        alerts::handed_over(&tx, &call).await?;
    }
    tx.audit(AuditEntry {
        action: "call.transfer_requested",
        record_type: "call",
        record_id: Some(id),
        changes: json!({}),
    })
    .await?;
    tx.commit().await?;
    Ok(Done::new("the call is being handed over", reason))
}

async fn in_writing(around: Around<'_>, thread: i64, reason: &str) -> Result<Done, Problem> {
    around.scope.require(Permission::ThreadsWrite)?;
    let tx = around.app.db.write(around.scope).await?;
    threads::work::give_to_person(&tx, thread, "asked", reason).await?;
    tx.commit().await?;
    Ok(Done::new("a person was told and will write", reason))
}
