//! Durable background work, in the same database as what it is about.
//!
//! A job is written in its caller's transaction ([`WriteTx::enqueue`]) and run after the commit by a [`Runner`] of
//! whichever process claims it first. It runs at least once; [`JobContext::settle`] makes its database effects happen
//! exactly once. Nothing here knows what any job does: subjects describe theirs by [`Job`] and register them in a
//! [`Registry`].

mod attempt;
mod context;
mod dead;
mod pulse;
mod registry;
mod runner;
mod schedule;
mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Module;
use serde::{Serialize, de::DeserializeOwned};

use crate::db::{DbError, SystemTx, WriteTx};

pub use context::JobContext;
pub use dead::{DeadJob, JobCount};
pub use pulse::Pulse;
pub use registry::Registry;
pub use runner::{Runner, RunnerSettings, Running, clockwork};

/// A statement takes some 30,000 values, and a job has nine.
const MOST_PER_STATEMENT: usize = 1_000;

/// One kind of work. The value is its payload, stored as JSON; it holds ids, not records.
pub trait Job<S>: Serialize + DeserializeOwned + Send + 'static {
    /// Stable name in the database; renaming it strands what is queued.
    const KIND: &'static str;
    /// How often it is started before it is given up.
    const MAX_ATTEMPTS: u32;
    /// How many of this kind one process runs at a time.
    const CONCURRENCY: usize;
    /// After this long an attempt is broken off and counts as failed.
    const TIME_LIMIT: Duration;
    /// What keeps it in the queue until it is over.
    const PAUSE: Pause = Pause::Never;

    fn run(self, state: S, ctx: JobContext) -> impl Future<Output = Outcome> + Send;
}

/// What keeps jobs of a kind waiting, however long they are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// It is done in any case: what came in is kept, what hangs on a line is not left hanging.
    Never,
    /// While its business is deactivated.
    BusinessClosed,
    /// While its business is deactivated, or this module of it is not licensed or off.
    ModuleOff(Module),
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Again later: after `after`, or after a growing pause when it is `None`. Given up after the last attempt.
    Retry {
        after: Option<Duration>,
        why: String,
    },
    /// Never again.
    Fail(String),
}

impl Outcome {
    /// Again after a growing pause.
    pub fn retry(why: impl std::fmt::Display) -> Self {
        Self::Retry {
            after: None,
            why: why.to_string(),
        }
    }

    /// A problem that may pass (429 and 5xx) is tried again, another one is not.
    pub fn of_problem(problem: &kernel::Problem) -> Self {
        if problem.status == 429 || problem.status >= 500 {
            Self::Retry {
                after: problem.retry_after_seconds.map(Duration::from_secs),
                why: problem.to_string(),
            }
        } else {
            Self::Fail(problem.to_string())
        }
    }
}

impl From<Result<(), kernel::Problem>> for Outcome {
    fn from(result: Result<(), kernel::Problem>) -> Self {
        result.map_or_else(|problem| Self::of_problem(&problem), |()| Self::Done)
    }
}

impl From<Result<(), DbError>> for Outcome {
    fn from(result: Result<(), DbError>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(err) => Self::retry(err.cause()),
        }
    }
}

/// When and how often a job is written.
#[derive(Clone, Debug, Default)]
pub struct Enqueue {
    /// Not before this time; now when `None`.
    pub run_at: Option<DateTime<Utc>>,
    /// While an unfinished job of this kind, business and key exists, another one is not written.
    pub dedupe: Option<String>,
}

impl Enqueue {
    pub fn at(run_at: DateTime<Utc>) -> Self {
        Self {
            run_at: Some(run_at),
            dedupe: None,
        }
    }

    pub fn once(key: impl Into<String>) -> Self {
        Self {
            run_at: None,
            dedupe: Some(key.into()),
        }
    }
}

impl WriteTx {
    /// Writes a job of this scope's business; it runs after the commit. `None` when its dedupe key is taken.
    pub async fn enqueue<S, J: Job<S>>(&self, job: &J, how: Enqueue) -> Result<Option<i64>, DbError> {
        let business = self.own_business()?;
        let row = store::row(job, how, Some(business), self.scope().request_id(), self.now())?;
        let id = store::insert(self.conn(), row).await?;
        self.wrote().a_job();
        Ok(id)
    }

    /// Writes many jobs of one kind in one statement, due now.
    pub async fn enqueue_all<S, J: Job<S>>(&self, jobs: &[J]) -> Result<(), DbError> {
        let business = self.own_business()?;
        for jobs in jobs.chunks(MOST_PER_STATEMENT) {
            let rows = jobs
                .iter()
                .map(|job| {
                    store::row(
                        job,
                        Enqueue::default(),
                        Some(business),
                        self.scope().request_id(),
                        self.now(),
                    )
                })
                .collect::<Result<Vec<_>, DbError>>()?;
            store::insert_all(self.conn(), rows).await?;
        }
        if !jobs.is_empty() {
            self.wrote().a_job();
        }
        Ok(())
    }
}

impl SystemTx {
    /// Writes a job of one business, or of none (work over all of them).
    pub async fn enqueue<S, J: Job<S>>(
        &self,
        business: Option<kernel::BusinessId>,
        job: &J,
        how: Enqueue,
    ) -> Result<Option<i64>, DbError> {
        let request_id = crate::http::request_id::current();
        let business = business.map(kernel::BusinessId::get);
        let row = store::row(job, how, business, &request_id, self.now())?;
        let id = store::insert(self.conn(), row).await?;
        self.wrote().a_job();
        Ok(id)
    }
}
