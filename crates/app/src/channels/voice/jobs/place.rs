//! Placing calls for people.

use std::time::Duration;

use contracts::{Fault, telephony::NewCall};
use kernel::Problem;
use platform::jobs::{Job, JobContext, Outcome};
use serde::{Deserialize, Serialize};

use super::{ask_to_place, business};
use crate::{
    App, AppState,
    calls::{
        actions::{self, NOT_YET_PLACED},
        directory::VoiceBusiness,
        model::{Standing, Status},
        store::call,
    },
    channels::voice::{
        answers::{RING_SECONDS, Speaker},
        hooks,
        twiml::{self, Twiml, Verb},
    },
};

/// Places a call for a person: first that person's phone, then the customer's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceCall {
    pub call_id: i64,
    /// The person's own phone.
    pub phone: String,
}

impl Job<AppState> for PlaceCall {
    const KIND: &'static str = "calls.place_call";
    const MAX_ATTEMPTS: u32 = 3;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(30);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

impl PlaceCall {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let call = tx.get::<call::Entity>(self.call_id).await?;
        drop(tx);
        if !call.call_sid.starts_with(NOT_YET_PLACED) || call.ended_at.is_some() {
            return Ok(Outcome::Done);
        }
        if ctx.was_cut_off() {
            // It may have been taken: never placed twice.
            return self.failed(app, ctx, "the attempt before was cut off").await;
        }
        let business = business(app, ctx).await?;
        let Some(origin) = &app.voice.origin else {
            return self.failed(app, ctx, "PUBLIC_BASE_URL is not set").await;
        };
        let new = NewCall {
            to: self.phone.clone(),
            from: call.from_number.clone(),
            twiml: connect(
                &hooks::speaker(app, Some(&business)),
                &call,
                origin.url(&format!("{}?call={}", twiml::DIAL_ENDED, call.id)),
            )
            .render(),
            ring_seconds: RING_SECONDS * 2,
            status_callback: Some(origin.url(&format!("/webhook/call_status?call={}", call.id))),
        };
        match ask_to_place(app, new).await {
            Ok(sid) => {
                let tx = app.db.write(ctx.scope()).await?;
                actions::placed(&tx, call.id, &sid).await?;
                ctx.settle(&tx).await?;
                tx.commit().await?;
                Ok(Outcome::Done)
            }
            Err(Fault::Unavailable {
                message,
                retry_after_seconds,
            }) if !ctx.is_last_attempt() => Ok(Outcome::Retry {
                after: retry_after_seconds.map(Duration::from_secs),
                why: message,
            }),
            // It may have been taken: never placed twice.
            Err(fault) => self.failed(app, ctx, &fault.to_string()).await,
        }
    }

    async fn failed(&self, app: &App, ctx: &JobContext, why: &str) -> Result<Outcome, Problem> {
        tracing::warn!(call_id = self.call_id, why, "a call could not be placed");
        let tx = app.db.write(ctx.scope()).await?;
        let call = actions::by_id(&tx, self.call_id).await?;
        let now = tx.now();
        actions::hear_status(&tx, call, Standing::guessed(Status::Failed), None, now).await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}

fn connect(speaker: &Speaker<'_>, call: &call::Model, action: String) -> Twiml {
    Twiml::new([Verb::Dial {
        number: call.to_number.clone(),
        caller_id: speaker
            .business
            .and_then(VoiceBusiness::caller_id)
            .map(ToOwned::to_owned),
        ring_seconds: RING_SECONDS * 2,
        whisper: None,
        action,
    }])
}
