//! What happens with the caller's line when the agent has left it.

use kernel::Problem;
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use crate::calls::{model::NextStep, store::call};

/// Notes what happens with the line when its socket closes.
pub async fn plan(tx: &WriteTx, call: call::Model, step: &NextStep) -> Result<call::Model, Problem> {
    let mut row = call.into_active_model();
    row.next_step = Set(Some(serde_json::to_value(step).map_err(|_| Problem::internal())?));
    row.last_seen_at = Set(tx.now());
    row.updated_at = Set(tx.now());
    Ok(tx.update(row).await?)
}

/// What was planned.
pub fn planned(call: &call::Model) -> Option<NextStep> {
    serde_json::from_value(call.next_step.clone()?).ok()
}
