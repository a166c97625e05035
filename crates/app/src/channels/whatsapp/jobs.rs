//! Bodies from the journal, worked in event by event; and what the journal and the doors need not remember any more.

use std::time::Duration;

use kernel::Problem;
use platform::jobs::{Job, JobContext, Outcome, Registry};
use serde::{Deserialize, Serialize};

use super::{
    answers::Answer,
    arrivals::{self, Coming},
    door,
};
use crate::AppState;

/// How often old signatures are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(300);

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<TakeIn>()
        .with::<Answer>()
        .every(FORGET_EVERY, ForgetSignatures {})
}

/// Works in a body that is kept. One bad event does not lose the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakeIn {
    pub delivery_id: i64,
}

impl Job<AppState> for TakeIn {
    const KIND: &'static str = "whatsapp.take_in";
    const MAX_ATTEMPTS: u32 = 12;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(120);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        self.work(&app).await.unwrap_or_else(Outcome::retry)
    }
}

impl TakeIn {
    async fn work(&self, app: &AppState) -> Result<Outcome, Problem> {
        let Some((row, believed)) = door::kept(app, self.delivery_id).await? else {
            return Ok(Outcome::Done);
        };
        let (mut failed, mut taken) = (None, false);
        for batch in arrivals::batches(app, &believed, Coming::Again).await? {
            if !arrivals::is_for(&batch, row.business_id) {
                continue;
            }
            taken = true;
            for event in batch.events.iter() {
                if let Err(problem) = Box::pin(arrivals::work_in_one(app, &batch, event)).await {
                    tracing::warn!(%problem, delivery_id = row.id, "an event of a webhook was not worked in");
                    failed = Some(problem);
                }
            }
        }
        match failed {
            // What was worked in before is worked in once, however often it is tried.
            Some(problem) => Ok(Outcome::retry(problem)),
            // Its module was switched off, or its number taken away, since it came.
            None if !taken => {
                door::nobody_takes(app, row.id).await?;
                Ok(Outcome::Done)
            }
            None => {
                door::drop_kept(app, row.id).await?;
                Ok(Outcome::Done)
            }
        }
    }
}

/// Forgets signatures that would not be believed any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetSignatures {}

impl Job<AppState> for ForgetSignatures {
    const KIND: &'static str = "whatsapp.forget_signatures";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(60);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        door::forget_signatures(&app).await.into()
    }
}
