//! Calls whose end nobody reported: asked for at Twilio, and concluded when Twilio does not know either.

use std::time::Duration;

use chrono::TimeDelta;
use contracts::{Fault, telephony::CallState};
use futures::StreamExt;
use kernel::{BusinessId, Problem};
use platform::{
    db::DbError,
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};

use crate::{
    App, AppState,
    calls::{
        actions,
        jobs::after_call,
        model::{Standing, Status},
        store::call,
    },
};

/// A call without a socket or a callback for this long is looked into.
const SILENT: TimeDelta = TimeDelta::seconds(60);
/// A call that Twilio can not be asked about for this long is over.
const GIVEN_UP: TimeDelta = TimeDelta::minutes(10);
/// Calls looked into at a time.
const BATCH: u64 = 200;
const AT_ONCE: usize = 8;
/// Twilio's REST may take this long.
const REST: Duration = Duration::from_secs(5);
/// How often a socket's calls are marked as alive.
const BEAT: Duration = Duration::from_secs(15);

/// Finds the end of calls whose end nobody reported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindEnds {}

impl Job<AppState> for FindEnds {
    const KIND: &'static str = "calls.find_ends";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(300);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        find_ends(&app, &ctx).await.into()
    }
}

async fn find_ends(app: &AppState, ctx: &JobContext) -> Result<(), Problem> {
    let tx = app.db.system_read("calls without an end").await?;
    let before = tx.now() - SILENT;
    let silent = call::Entity::find()
        .filter(call::Column::EndedAt.is_null())
        .filter(call::Column::LastSeenAt.lt(before))
        .order_by_asc(call::Column::LastSeenAt)
        .limit(BATCH)
        .all(tx.conn())
        .await
        .map_err(DbError::from)?;
    drop(tx);
    futures::stream::iter(silent)
        .for_each_concurrent(AT_ONCE, |call| async move {
            let call_sid = call.call_sid.clone();
            if let Err(problem) = Box::pin(look_into(app, ctx, call)).await {
                tracing::warn!(%problem, call_sid, "a call without an end could not be looked into");
            }
        })
        .await;
    Ok(())
}

enum Found {
    Running,
    Over(CallState, Status),
    Unknown,
    /// Twilio could not be asked.
    Unreachable,
}

async fn look_into(app: &App, ctx: &JobContext, call: call::Model) -> Result<(), Problem> {
    let found = ask(app, &call).await;
    let scope = ctx.scope_of(BusinessId::new(call.business_id))?;
    let tx = app.db.write(&scope).await?;
    let call = actions::by_id(&tx, call.id).await?;
    let now = tx.now();
    if call.ended_at.is_some() || call.last_seen_at > now - SILENT {
        return Ok(());
    }
    let concluded = if call.turn_count > 0 || call.has_recording {
        Status::Completed
    } else {
        Status::Failed
    };
    let (news, duration) = match found {
        Found::Running => (Standing::reported(Status::InProgress), None),
        Found::Over(state, status) => (Standing::reported(status), state.duration_seconds),
        Found::Unknown => (Standing::guessed(concluded), None),
        Found::Unreachable if call.last_seen_at < now - GIVEN_UP => (Standing::guessed(concluded), None),
        Found::Unreachable => return Ok(()),
    };
    // A concluded end was when the call was last heard of.
    let at = if news.guessed { call.last_seen_at } else { now };
    let call_sid = call.call_sid.clone();
    let call = actions::hear_status(&tx, call, news, duration, at).await?;
    if call.ended_at.is_some() {
        tracing::info!(
            call_sid,
            status = call.status,
            guessed = call.end_guessed,
            "an abandoned call found its end"
        );
        after_call(&tx, &call).await?;
    }
    tx.commit().await?;
    if news.status.is_terminal() {
        app.calls.registry.ended(&call_sid);
    }
    Ok(())
}

async fn ask(app: &App, call: &call::Model) -> Found {
    if call.test {
        return Found::Unknown; // no phone company was ever part of it
    }
    let Some(telephony) = &app.telephony else {
        return Found::Unreachable;
    };
    match tokio::time::timeout(REST, telephony.call_state(&call.call_sid)).await {
        Ok(Ok(Some(state))) => match Status::of_callback(&state.status) {
            Some(status) if status.is_terminal() => Found::Over(state, status),
            _ => Found::Running,
        },
        Ok(Ok(None) | Err(Fault::Rejected(_))) => Found::Unknown,
        Ok(Err(_)) | Err(_) => Found::Unreachable,
    }
}

/// Marks the calls whose socket this process holds as alive, until the process ends.
pub async fn keep_alive_forever(app: AppState) {
    loop {
        tokio::time::sleep(BEAT).await;
        let ids: Vec<i64> = app
            .calls
            .registry
            .with_socket()
            .into_iter()
            .map(|(_, call)| call.get())
            .collect();
        metrics::gauge!("calls_in_progress").set(f64::from(u32::try_from(ids.len()).unwrap_or(u32::MAX)));
        if ids.is_empty() {
            continue;
        }
        if let Err(err) = beat(&app, ids).await {
            tracing::warn!(error = %err, "running calls could not be marked as alive");
        }
    }
}

async fn beat(app: &App, ids: Vec<i64>) -> Result<(), DbError> {
    let tx = app.db.system("signs of life of running calls").await?;
    call::Entity::update_many()
        .col_expr(call::Column::LastSeenAt, Expr::value(tx.now()))
        .filter(call::Column::Id.is_in(ids))
        .exec(tx.conn())
        .await?;
    tx.commit().await
}
