//! Putting a task off.

use calendar::Snooze;
use chrono::{DateTime, Utc};
use kernel::{Problem, TaskId};
use platform::{
    db::WriteTx,
    http::{IfMatch, fields::Faults},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

use super::{
    actions,
    model::Status,
    store::{self, Model},
};
use crate::accounts::businesses::hours::Office;

/// Until when: one of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SnoozeBody {
    /// A time that is still to come.
    #[schema(value_type = Option<DateTime<Utc>>)]
    until: Option<String>,
    /// `10m`, `1h`, `tomorrow` (09:00) or `next_opening`.
    preset: Option<String>,
}

impl SnoozeBody {
    fn moment(&self, office: &Office, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
        match (self.until.as_deref(), self.preset.as_deref()) {
            (Some(_), Some(_)) => Err(Problem::invalid("preset", "one_of_two", "either until or preset")),
            (None, None) => Err(Problem::missing("until")),
            (None, Some(word)) => {
                let preset = Snooze::parse(word).ok_or_else(|| {
                    Problem::invalid("preset", "unknown_preset", "is 10m, 1h, tomorrow or next_opening")
                })?;
                office
                    .snooze(preset, now)
                    .ok_or_else(|| Problem::invalid("preset", "no_opening", "the business does not open again"))
            }
            (Some(text), None) => {
                let mut faults = Faults::default();
                let until = faults.time("until", text);
                faults.done()?;
                until
                    .filter(|until| *until > now)
                    .ok_or_else(|| Problem::invalid("until", "in_the_past", "is not a time to come"))
            }
        }
    }
}

/// Puts a task off: it is due then, and rings as a new occurrence. 409 `task_done` for one that is done.
pub async fn run(tx: &WriteTx, id: TaskId, seen: &IfMatch, body: SnoozeBody) -> Result<Model, Problem> {
    // First of all 404 for a task that is not to be seen.
    store::get(tx, id).await?;
    let until = body.moment(&Office::of_scope(tx).await?, tx.now())?;
    let before = actions::locked(tx, id).await?;
    seen.check(before.version)?;
    if before.status == Status::Done.as_str() {
        return Err(Problem::conflict(
            "task_done",
            "a task that is done is not put off; open it again first",
        ));
    }
    let mut changes = Map::new();
    changes.insert("due_at".to_owned(), json!({ "from": before.due_at, "to": until }));
    changes.insert("status".to_owned(), json!({ "from": before.status, "to": "snoozed" }));
    let mut row = before.clone().into_active_model();
    row.status = Set(Status::Snoozed.as_str().to_owned());
    row.due_at = Set(Some(until));
    row.alarm_at = Set(Some(until));
    row.occurrence = Set(before.occurrence + 1);
    actions::save(tx, before, row, "task.snoozed", changes).await
}
