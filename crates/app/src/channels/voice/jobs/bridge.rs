//! Putting caller and person together when the media socket does not let go of the line.

use std::time::Duration;

use kernel::Problem;
use platform::jobs::{Job, JobContext, Outcome};
use serde::{Deserialize, Serialize};

use super::{REST, business};
use crate::{
    AppState,
    calls::{actions, model::NextStep, store::call},
    channels::voice::hooks,
};

/// Moves the caller's line into the room by Twilio's REST, if the media socket did not let go of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bridge {
    pub call_id: i64,
}

impl Job<AppState> for Bridge {
    const KIND: &'static str = "calls.bridge";
    const MAX_ATTEMPTS: u32 = 2;
    const CONCURRENCY: usize = 8;
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        self.work(&app, &ctx).await.into()
    }
}

impl Bridge {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let call = tx.get::<call::Entity>(self.call_id).await?;
        drop(tx);
        let (
            Some(NextStep::Bridge {
                room, handed: false, ..
            }),
            None,
        ) = (actions::planned(&call), call.ended_at)
        else {
            return Ok(());
        };
        let business = business(app, ctx).await?;
        let twiml = hooks::speaker(app, Some(&business)).bridge(&room, call.id).render();
        let Some(telephony) = &app.telephony else {
            return Ok(());
        };
        let moved = tokio::time::timeout(REST, telephony.redirect(&call.call_sid, &twiml)).await;
        match moved {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => Err(Problem::new(502, "provider_rejected", fault.to_string())),
            Err(_) => Err(Problem::new(503, "provider_slow", "Twilio did not answer in time")),
        }
    }
}
