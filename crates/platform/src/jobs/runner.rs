//! Claims jobs, starts them, keeps their leases, and ends with the process.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Actor, BusinessId, Permission, Reach, Scope, Visibility};
use tokio::{
    task::{AbortHandle, Id as TaskId, JoinError, JoinHandle, JoinSet},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    JobContext, Pulse, Registry,
    attempt::attempt,
    registry::Kind,
    store::{self, Claim},
};
use crate::{
    db::{Db, DbError},
    http::request_id,
};

/// How many jobs of a kind are taken by one statement.
const MOST_PER_CLAIM: usize = 16;
/// How often the queue's depth is counted for the metrics.
const COUNT_EVERY: Duration = Duration::from_secs(15);
/// How often jobs that were given up long ago are deleted, and how long they are kept.
const BURY_EVERY: Duration = Duration::from_hours(1);
const DEAD_KEPT: TimeDelta = TimeDelta::days(30);

/// How a runner paces itself.
#[derive(Clone, Copy, Debug)]
pub struct RunnerSettings {
    /// How often the queue is looked at when nothing wakes the runner.
    pub poll: Duration,
    /// After this long without a heartbeat a job is another runner's to take.
    pub lease: Duration,
    /// Heartbeats come this often; a few fit into a lease.
    pub heartbeat: Duration,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            heartbeat: Duration::from_secs(4),
        }
    }
}

/// Runs the jobs of a registry; `state` is what they are given.
pub struct Runner<S> {
    db: Db,
    state: S,
    registry: Registry<S>,
    settings: RunnerSettings,
    pulse: Pulse,
}

/// A runner at work. Dropping it breaks everything off, as a killed process would.
pub struct Running {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Running {
    /// Claims nothing more, waits up to `limit` for what runs, then breaks it off; that is tried again elsewhere.
    pub async fn stop(mut self, limit: Duration) {
        self.stop.cancel();
        if let Some(mut task) = self.task.take()
            && timeout(limit, &mut task).await.is_err()
        {
            tracing::warn!("jobs were still running when the time to stop was over");
            task.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// The scope of a job: the third door at which scopes are made.
pub(super) fn mint(business: Option<BusinessId>, kind: &'static str, request_id: &str) -> Scope {
    Scope::mint(
        business.map_or(Reach::All, Reach::One),
        Actor::Job(kind),
        Permission::ALL.iter().copied().collect(),
        Visibility::All,
        request_id,
    )
}

/// The scope of work that finds itself in the database because its time has come, as the runner finds jobs: what is due
/// is claimed and done in one transaction, so that it needs no job of its own.
pub fn clockwork(business: BusinessId, kind: &'static str) -> Scope {
    mint(Some(business), kind, &request_id::current())
}

impl<S: Clone + Send + Sync + 'static> Runner<S> {
    pub fn new(db: Db, state: S, registry: Registry<S>, settings: RunnerSettings) -> Self {
        Self {
            db,
            state,
            registry,
            settings,
            pulse: Pulse::default(),
        }
    }

    /// Shows by `pulse` that it is at work.
    #[must_use]
    pub fn with_pulse(mut self, pulse: Pulse) -> Self {
        self.pulse = pulse;
        self
    }

    pub fn start(self) -> Running {
        let stop = CancellationToken::new();
        let task = tokio::spawn(Loop::new(self, stop.clone()).run());
        Running { stop, task: Some(task) }
    }
}

struct InHand {
    kind: &'static str,
    claim: Claim,
    settled: Arc<AtomicBool>,
    abort: AbortHandle,
}

struct Loop<S> {
    db: Db,
    state: S,
    kinds: HashMap<&'static str, Arc<Kind<S>>>,
    schedules: Vec<(super::schedule::Schedule, DateTime<Utc>)>,
    settings: RunnerSettings,
    pulse: Pulse,
    lease: TimeDelta,
    worker: String,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    in_hand: HashMap<TaskId, InHand>,
    last_heartbeat: Instant,
}

impl<S: Clone + Send + Sync + 'static> Loop<S> {
    fn new(runner: Runner<S>, stop: CancellationToken) -> Self {
        let start = DateTime::<Utc>::MIN_UTC;
        Self {
            lease: TimeDelta::from_std(runner.settings.lease).unwrap_or(TimeDelta::seconds(15)),
            db: runner.db,
            state: runner.state,
            kinds: runner
                .registry
                .kinds
                .into_iter()
                .map(|(name, kind)| (name, Arc::new(kind)))
                .collect(),
            schedules: runner
                .registry
                .schedules
                .into_iter()
                .map(|schedule| (schedule, start))
                .collect(),
            settings: runner.settings,
            pulse: runner.pulse,
            worker: request_id::fresh(),
            stop,
            tasks: JoinSet::new(),
            in_hand: HashMap::new(),
            last_heartbeat: Instant::now(),
        }
    }

    async fn run(mut self) {
        let signals = Arc::clone(self.db.signals());
        let mut heartbeat = tokio::time::interval(self.settings.heartbeat);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut count = tokio::time::interval(COUNT_EVERY);
        let mut bury = tokio::time::interval(BURY_EVERY);
        let stop = self.stop.clone();
        let mut wait = Duration::ZERO;
        loop {
            tokio::select! {
                // First of all: a stopping runner must not take back what it has just handed back.
                biased;
                () = stop.cancelled() => break,
                _ = heartbeat.tick() => self.beat().await,
                _ = count.tick() => self.count().await,
                _ = bury.tick() => {
                    if let Err(err) = store::bury(&self.db, DEAD_KEPT).await {
                        tracing::warn!(error = %err.cause(), "old jobs could not be deleted");
                    }
                }
                Some(ended) = self.tasks.join_next_with_id() => {
                    self.ended(&ended);
                    while let Some(ended) = self.tasks.try_join_next_with_id() {
                        self.ended(&ended);
                    }
                    wait = self.pass().await;
                }
                () = signals.jobs.notified() => wait = self.pass().await,
                () = tokio::time::sleep(wait) => wait = self.pass().await,
            }
        }
        self.finish(&mut heartbeat).await;
    }

    /// Waits for what runs; new work is not taken any more.
    async fn finish(&mut self, heartbeat: &mut tokio::time::Interval) {
        while !self.tasks.is_empty() {
            tokio::select! {
                _ = heartbeat.tick() => self.beat().await,
                ended = self.tasks.join_next_with_id() => {
                    if let Some(ended) = ended {
                        self.ended(&ended);
                    }
                }
            }
        }
    }

    /// One look at the queue. Gives how long nothing will be due.
    async fn pass(&mut self) -> Duration {
        self.pulse.beat();
        match self.try_pass().await {
            Ok(wait) => wait,
            Err(err) => {
                tracing::warn!(error = %err.cause(), "the job queue can not be read");
                self.settings.poll
            }
        }
    }

    async fn try_pass(&mut self) -> Result<Duration, DbError> {
        self.tick_schedules().await?;
        let roomy: Vec<&'static str> = self.kinds.keys().copied().filter(|kind| self.room(kind) > 0).collect();
        let mut wait = self.settings.poll;
        for due in store::due(&self.db, &roomy).await? {
            if self.stop.is_cancelled() {
                break;
            }
            let Some(at) = due.at else { continue };
            let now = if due.kind.is_empty() {
                store::lease_now()
            } else {
                self.db.clock().now()
            };
            if at > now {
                wait = wait.min((at - now).to_std().unwrap_or_default());
            } else if due.kind.is_empty() {
                let back = store::reclaim(&self.db).await?;
                tracing::warn!(jobs = back, "took back jobs of a runner that went away");
                wait = Duration::ZERO;
            } else if self.claim(&due.kind).await? {
                wait = Duration::ZERO;
            }
        }
        Ok(wait)
    }

    async fn tick_schedules(&mut self) -> Result<(), DbError> {
        for (schedule, next) in &mut self.schedules {
            if *next <= self.db.clock().now() {
                *next = schedule.tick(&self.db).await?;
            }
        }
        Ok(())
    }

    fn room(&self, kind: &str) -> usize {
        let running = self.in_hand.values().filter(|job| job.kind == kind).count();
        self.kinds
            .get(kind)
            .map_or(0, |kind| kind.concurrency.saturating_sub(running))
    }

    /// Takes jobs of a kind; `true` when there may be more that could be started at once.
    async fn claim(&mut self, name: &str) -> Result<bool, DbError> {
        let Some(kind) = self.kinds.get(name).cloned() else {
            return Ok(false);
        };
        let limit = self.room(name).min(MOST_PER_CLAIM);
        let claimed = store::claim(
            &self.db,
            (name, kind.pause),
            u64::try_from(limit).unwrap_or(1),
            &self.worker,
            self.lease,
        )
        .await?;
        let full = claimed.len() == limit;
        for job in claimed {
            self.start(&kind, job);
        }
        Ok(full && self.room(name) > 0)
    }

    fn start(&mut self, kind: &Arc<Kind<S>>, job: store::Model) {
        let claim = Claim {
            id: job.id,
            worker: self.worker.clone(),
            attempts: job.attempts,
        };
        let ctx = JobContext {
            scope: mint(job.business_id.map(BusinessId::new), kind.name, &job.request_id),
            kind: kind.name,
            claim: claim.clone(),
            max_attempts: kind.max_attempts,
            was_cut_off: job
                .last_error
                .as_deref()
                .is_some_and(|why| why.starts_with(store::CUT_OFF)),
            settled: Arc::default(),
            stopping: self.stop.clone(),
        };
        let settled = Arc::clone(&ctx.settled);
        let work = attempt(self.db.clone(), Arc::clone(kind), self.state.clone(), job, ctx);
        let abort = self.tasks.spawn(work);
        metrics::gauge!("jobs_running", "kind" => kind.name).increment(1.0);
        self.in_hand.insert(
            abort.id(),
            InHand {
                kind: kind.name,
                claim,
                settled,
                abort,
            },
        );
    }

    fn ended(&mut self, ended: &Result<(TaskId, ()), JoinError>) {
        let task = match ended {
            Ok((task, ())) => *task,
            Err(err) => err.id(),
        };
        if let Some(job) = self.in_hand.remove(&task) {
            metrics::gauge!("jobs_running", "kind" => job.kind).decrement(1.0);
        }
    }

    /// Prolongs the leases; breaks off what is not ours any more.
    async fn beat(&mut self) {
        if self.in_hand.is_empty() {
            self.last_heartbeat = Instant::now();
            return;
        }
        let held = match store::heartbeat(&self.db, &self.worker, self.lease).await {
            Ok(held) => {
                self.last_heartbeat = Instant::now();
                held
            }
            Err(err) => {
                tracing::warn!(error = %err.cause(), "could not prolong the leases of running jobs");
                if self.last_heartbeat.elapsed() < self.settings.lease {
                    return;
                }
                Vec::new()
            }
        };
        for job in self.in_hand.values() {
            let settled = job.settled.load(std::sync::atomic::Ordering::SeqCst);
            if !settled && !job.abort.is_finished() && !held.contains(&job.claim.id) {
                tracing::warn!(
                    job = job.claim.id,
                    kind = job.kind,
                    "lost the lease, breaking the job off"
                );
                job.abort.abort();
            }
        }
    }

    async fn count(&self) {
        let Ok(depths) = store::depth(&self.db).await else {
            return;
        };
        for kind in self.kinds.keys() {
            for state in ["queued", "running", "dead"] {
                let jobs = depths
                    .iter()
                    .find(|depth| depth.kind == *kind && depth.state == state)
                    .map_or(0, |depth| depth.jobs);
                let jobs = f64::from(u32::try_from(jobs).unwrap_or(u32::MAX));
                metrics::gauge!("jobs_depth", "kind" => *kind, "state" => state).set(jobs);
            }
        }
    }
}
