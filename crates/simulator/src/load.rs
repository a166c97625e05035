//! Many calls at once: one task per call, begun evenly over the ramp, gathered as they end.

use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};

use crate::{
    audio::to_f64,
    call::{Plan, place},
    report::{CallReport, Gathering, Summary},
};

/// More is not driven by one process.
pub const MOST_CALLS: usize = 5_000;

/// How many calls and how they begin.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub calls: usize,
    /// Over how long they begin.
    pub ramp: Duration,
}

/// Runs all calls; `plan` makes each one's when it begins, `each` sees each report as it comes.
pub async fn run<F>(load: Load, plan: impl Fn(usize) -> F, mut each: impl FnMut(usize, CallReport)) -> Summary
where
    F: Future<Output = Plan> + Send + 'static,
{
    let calls = load.calls.clamp(1, MOST_CALLS);
    let mut running = JoinSet::new();
    for n in 0..calls {
        let delay = load.ramp.mul_f64(to_f64(n) / to_f64(calls));
        let plan = plan(n);
        running.spawn(async move {
            sleep(delay).await;
            let (report, pace) = place(plan.await).await;
            (n, report, pace)
        });
    }
    let mut gathering = Gathering::default();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok((n, report, pace)) => {
                gathering.add(&report, &pace);
                each(n, report);
            }
            Err(error) => tracing::error!(%error, "a simulated call ended badly"),
        }
    }
    gathering.finish()
}
