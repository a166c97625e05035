//! Ringing people who may take a call over.

use std::time::Duration;

use contracts::{Fault, telephony::NewCall};
use kernel::{CallId, Problem};
use platform::{
    bus::{CallCommand, CallCommandKind},
    jobs::{Job, JobContext, Outcome},
};
use serde::{Deserialize, Serialize};

use super::{ask_to_place, business};
use crate::{
    App, AppState,
    accounts::users,
    calls::{
        actions,
        directory::{CallOut, VoiceBusiness},
        model::NextStep,
        store::call,
    },
    channels::voice::{answers::RING_SECONDS, handover, hooks, twiml},
};

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
            .voice
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
        ask_to_place(app, new).await.map(drop)
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
