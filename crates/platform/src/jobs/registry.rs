//! Which kinds of work this process knows.

use std::{collections::BTreeMap, time::Duration};

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Enqueue, Job, JobContext, Outcome, Pause, schedule::Schedule};
use crate::db::SystemTx;

type Run<S> = Box<dyn Fn(Value, S, JobContext) -> BoxFuture<'static, Outcome> + Send + Sync>;

pub(super) struct Kind<S> {
    pub name: &'static str,
    pub max_attempts: u32,
    pub concurrency: usize,
    pub time_limit: Duration,
    pub pause: Pause,
    pub run: Run<S>,
}

/// The kinds of work, each with its limits, and what is started by the clock.
pub struct Registry<S> {
    pub(super) kinds: BTreeMap<&'static str, Kind<S>>,
    pub(super) schedules: Vec<Schedule>,
}

impl<S> Default for Registry<S> {
    fn default() -> Self {
        Self {
            kinds: BTreeMap::new(),
            schedules: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Registry<S> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind of work.
    #[must_use]
    pub fn with<J: Job<S>>(mut self) -> Self {
        self.kinds.insert(
            J::KIND,
            Kind {
                name: J::KIND,
                max_attempts: J::MAX_ATTEMPTS.max(1),
                concurrency: J::CONCURRENCY.max(1),
                time_limit: J::TIME_LIMIT,
                pause: J::PAUSE,
                run: Box::new(|payload, state, ctx| {
                    Box::pin(async move {
                        match serde_json::from_value::<J>(payload) {
                            Ok(job) => job.run(state, ctx).await,
                            Err(err) => Outcome::Fail(format!("its payload does not decode: {err}")),
                        }
                    })
                }),
            },
        );
        self
    }

    /// Adds a kind of work that is written once every `period`, over all businesses, by one process of all. While the
    /// one before is unfinished, none is added.
    #[must_use]
    pub fn every<J: Job<S> + Clone + Sync>(mut self, period: Duration, job: J) -> Self {
        self.schedules.push(Schedule {
            name: J::KIND,
            period,
            write: Box::new(move |tx: &SystemTx| {
                let job = job.clone();
                Box::pin(async move {
                    tx.enqueue(None, &job, Enqueue::once("scheduled")).await?;
                    Ok(())
                })
            }),
        });
        self.with::<J>()
    }
}
