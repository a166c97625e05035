//! What the business says to a message by itself, as its policy is.

use std::time::Duration;

use kernel::{Module, Problem};
use platform::jobs::{Job, JobContext, Outcome, Pause};
use serde::{Deserialize, Serialize};

use crate::AppState;

/// Answers a thread, if this message is still the last word in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub thread_id: i64,
    pub message_id: i64,
}

impl Job<AppState> for Answer {
    const KIND: &'static str = "whatsapp.answer";
    const MAX_ATTEMPTS: u32 = 3;
    const CONCURRENCY: usize = 8;
    const TIME_LIMIT: Duration = Duration::from_secs(120);
    const PAUSE: Pause = Pause::ModuleOff(Module::Whatsapp);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        self.work(&app, &ctx).await.into()
    }
}

impl Answer {
    async fn work(&self, _: &AppState, _: &JobContext) -> Result<(), Problem> {
        Ok(())
    }
}
