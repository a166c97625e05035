//! Bringing people to the line: ringing them, putting caller and person together, and calls that people place.

use std::time::Duration;

use async_trait::async_trait;
use contracts::{Fault, telephony::NewCall};
use kernel::{BusinessId, CallId, Problem};
use platform::{
    bus::{CallCommand, CallCommandKind},
    jobs::{Job, JobContext, Outcome},
};
use serde::{Deserialize, Serialize};

use crate::{
    App, AppState,
    accounts::users,
    calls::{
        actions,
        directory::{CallOut, VoiceBusiness},
        model::{NextStep, Standing, Status},
        store::call,
    },
    channels::voice::{
        answers::{RING_SECONDS, Speaker},
        handover, hooks,
        twiml::{self, Twiml, Verb},
    },
};

/// Twilio's REST may take this long.
const REST: Duration = Duration::from_secs(10);
/// How long the process that holds a socket may take to act.
const COMMAND: Duration = Duration::from_secs(2);

/// Rings the next person who may take a call over, while the agent goes on talking.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingPerson {
    pub call_id: i64,
    /// Position in the order of those who are asked.
    pub at: i64,
    /// Who was asked for by name.
    pub first: Option<i64>,
}

impl RingPerson {
    /// The one after position `at`.
    pub const fn after(call_id: i64, at: i64, first: Option<i64>) -> Self {
        Self {
            call_id,
            at: at + 1,
            first,
        }
    }
}

#[async_trait]
impl Job<AppState> for RingPerson {
    const KIND: &'static str = "calls.ring_person";
    const MAX_ATTEMPTS: u32 = 2;
    const CONCURRENCY: usize = 8;
    const TIME_LIMIT: Duration = Duration::from_secs(60);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        self.work(&app, &ctx).await.into()
    }
}

impl RingPerson {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let call = tx.get::<call::Entity>(self.call_id).await?;
        let about = handover::about(&tx, &call).await?;
        drop(tx);
        let bridged = matches!(actions::planned(&call), Some(NextStep::Bridge { .. }));
        if call.ended_at.is_some() || bridged {
            return Ok(());
        }
        let business = business(app, ctx).await?;
        let order = handover::order(&business, self.first);
        let from = usize::try_from(self.at).unwrap_or(0);
        for (at, who) in order.iter().enumerate().skip(from) {
            let asked_for = self.first.is_some() && at == 0;
            let Some(phone) = phone_of(app, ctx, who, asked_for).await? else {
                continue;
            };
            match self.ring(app, &business, &call, &about, at, who, phone).await {
                Ok(()) => return Ok(()),
                Err(fault) => tracing::warn!(
                    fault = fault.word(),
                    call_sid = call.call_sid,
                    "a person could not be rung"
                ),
            }
        }
        self.nobody(app, ctx, &call).await
    }

    #[expect(clippy::too_many_arguments, reason = "all of one invitation")]
    async fn ring(
        &self,
        app: &App,
        business: &VoiceBusiness,
        call: &call::Model,
        about: &str,
        at: usize,
        who: &CallOut,
        phone: String,
    ) -> Result<(), Fault> {
        let origin = app
            .calls
            .origin
            .as_ref()
            .ok_or_else(|| Fault::Misconfigured("PUBLIC_BASE_URL".to_owned()))?;
        let user = who.user_id().map_or_else(String::new, |id| id.to_string());
        let first = self.first.map_or_else(String::new, |id| id.to_string());
        let query = format!("call={}&user={user}&at={at}&first={first}", self.call_id);
        let speaker = hooks::speaker(app, Some(business));
        let new = NewCall {
            to: phone,
            from: business.caller_id().unwrap_or(&call.to_number).to_owned(),
            twiml: speaker
                .ask_for_one(about, origin.url(&format!("{}?{query}", twiml::TAKE_OVER)))
                .render(),
            ring_seconds: RING_SECONDS,
            status_callback: Some(origin.url(&format!("{}?{query}", twiml::TAKE_OVER_ENDED))),
        };
        place(app, new).await.map(drop)
    }

    /// Everyone was asked: the agent goes on and takes a message.
    async fn nobody(&self, app: &App, ctx: &JobContext, call: &call::Model) -> Result<(), Problem> {
        let business_id = ctx.scope().business()?;
        let tx = app.db.write(ctx.scope()).await?;
        let call = actions::by_id(&tx, call.id).await?;
        actions::person_wanted(&tx, call).await?;
        tx.commit().await?;
        let command = CallCommand {
            business_id,
            call_id: CallId::new(self.call_id),
            kind: CallCommandKind::Whisper {
                text: "No person is free now. Say so, and take name, number and need for a call back.".to_owned(),
            },
        };
        app.bus.send_command(command, COMMAND).await;
        Ok(())
    }
}

async fn business(app: &App, ctx: &JobContext) -> Result<std::sync::Arc<VoiceBusiness>, Problem> {
    let id: BusinessId = ctx.scope().business()?;
    app.calls
        .directory
        .by_id(&app.db, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// Where someone is reached now. Who was asked for by name is rung whether or not marked as available.
async fn phone_of(app: &App, ctx: &JobContext, who: &CallOut, asked_for: bool) -> Result<Option<String>, Problem> {
    let id = match who {
        CallOut::Phone(phone) => return Ok(Some(phone.clone())),
        CallOut::User(id) => *id,
    };
    let tx = app.db.read(ctx.scope()).await?;
    let user = tx.find::<users::store::Entity>().by_id(id).one().await?;
    Ok(user
        .filter(|user| user.active && (user.available || asked_for))
        .and_then(|user| user.phone))
}

async fn place(app: &App, call: NewCall) -> Result<String, Fault> {
    let telephony = app
        .telephony
        .as_ref()
        .ok_or_else(|| Fault::Misconfigured("TWILIO_ACCOUNT_SID".to_owned()))?;
    tokio::time::timeout(REST, telephony.place_call(call))
        .await
        .unwrap_or_else(|_| Err(Fault::Unknown("it took too long".to_owned())))
}

/// Moves the caller's line into the room by Twilio's REST, if the media socket did not let go of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bridge {
    pub call_id: i64,
}

#[async_trait]
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

/// Places a call for a person: first that person's phone, then the customer's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceCall {
    pub call_id: i64,
    /// The person's own phone.
    pub phone: String,
}

#[async_trait]
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

/// What stands in `call_sid` until Twilio has given the call a sid.
pub const NOT_YET_PLACED: &str = "pending-";

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
        let Some(origin) = &app.calls.origin else {
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
        match place(app, new).await {
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
