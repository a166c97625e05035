//! Where every chain of the audit log ends, kept and told to the log every hour.

use std::time::Duration;

use platform::jobs::{Job, JobContext, Outcome, Registry};
use serde::{Deserialize, Serialize};

use crate::AppState;

const EVERY: Duration = Duration::from_hours(1);

pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry.every(EVERY, MarkEnds {})
}

#[derive(Clone, Serialize, Deserialize)]
pub struct MarkEnds {}

impl Job<AppState> for MarkEnds {
    const KIND: &'static str = "accounts.mark_audit_ends";
    const MAX_ATTEMPTS: u32 = 5;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_mins(5);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        app.db.mark_audit_ends().await.map(drop).into()
    }
}
