//! One attempt of one job: runs it within its limits, and writes how it ended.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use futures::FutureExt;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::{
    JobContext, Outcome,
    registry::Kind,
    store::{self, CUT_OFF},
};
use crate::{
    db::{Db, DbError},
    http::request_id,
};

/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// How often the end of a job is written anew, a second apart, while the database is away: about as long as the lease
/// can be ours.
const MOST_WRITES: u32 = 6;

/// Runs one attempt and writes how it ended.
pub(super) async fn attempt<S>(db: Db, kind: Arc<Kind<S>>, state: S, job: store::Model, ctx: JobContext) {
    let span = tracing::info_span!(
        "job",
        kind = kind.name,
        job = job.id,
        attempt = job.attempts,
        business_id = job.business_id,
        request_id = job.request_id,
    );
    let id = job.request_id.clone();
    let work = async move {
        let began = Instant::now();
        let work = AssertUnwindSafe((kind.run)(job.payload, state, ctx.clone())).catch_unwind();
        let outcome = match timeout(kind.time_limit, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::retry(format!("{CUT_OFF}it panicked")),
            Err(_) => Outcome::retry(format!("{CUT_OFF}it took longer than {:?}", kind.time_limit)),
        };
        metrics::histogram!("job_seconds", "kind" => kind.name).record(began.elapsed().as_secs_f64());
        conclude(&db, kind.name, &ctx, outcome).await;
    };
    request_id::scoped(id, work).instrument(span).await;
}

/// Writes the end of an attempt, for as long as the lease can be ours.
async fn conclude(db: &Db, kind: &'static str, ctx: &JobContext, outcome: Outcome) {
    let mut written = 1;
    let word = loop {
        match write_end(db, ctx, &outcome).await {
            Ok(word) => break word,
            Err(err) if written < MOST_WRITES => {
                written += 1;
                tracing::warn!(error = %err.cause(), "the end of a job could not be written, again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(err) => {
                tracing::error!(error = %err.cause(), "the end of a job could not be written; it will run again");
                break "unwritten";
            }
        }
    };
    metrics::counter!("jobs_finished_total", "kind" => kind, "outcome" => word).increment(1);
}

async fn write_end(db: &Db, ctx: &JobContext, outcome: &Outcome) -> Result<&'static str, DbError> {
    let claim = &ctx.claim;
    match outcome {
        Outcome::Done => {
            if !ctx.settled.load(Ordering::SeqCst) {
                store::done(db, claim).await?;
            }
            tracing::debug!("job done");
            Ok("done")
        }
        Outcome::Retry { why, .. } if ctx.stopping.is_cancelled() => {
            tracing::info!(why, "job handed back, the process is stopping");
            store::hand_back(db, claim, why).await?;
            Ok("handed_back")
        }
        Outcome::Retry { after, why } if !ctx.is_last_attempt() => {
            let pause = after.unwrap_or_else(|| pause(ctx.attempt()));
            let run_at = db.clock().now() + TimeDelta::from_std(pause).unwrap_or(TimeDelta::hours(1));
            tracing::warn!(why, again_in_ms = pause.as_millis(), "job failed, again later");
            store::put_back(db, claim, run_at, why).await?;
            Ok("retry")
        }
        Outcome::Retry { why, .. } | Outcome::Fail(why) => {
            tracing::error!(why, "job given up");
            store::give_up(db, claim, why).await?;
            Ok("dead")
        }
    }
}

/// The pause after the `attempt`th failure: doubling, with a quarter of jitter either way.
fn pause(attempt: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_PAUSE).mul_f64(rand::random_range(0.75..1.25))
}
