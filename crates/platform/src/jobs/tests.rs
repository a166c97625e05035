use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use kernel::{Clock, TestClock};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    db::Db,
    test_databases::{self, person, until},
};

/// What the jobs of these tests share.
#[derive(Clone)]
struct Shared {
    db: Db,
    log: Arc<Mutex<Vec<String>>>,
    running: Arc<AtomicUsize>,
    most_running: Arc<AtomicUsize>,
}

impl Shared {
    fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            log: Arc::default(),
            running: Arc::default(),
            most_running: Arc::default(),
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.log.lock().expect("the log").push(what.into());
    }

    fn noted(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
    }
}

fn quick() -> RunnerSettings {
    RunnerSettings {
        poll: Duration::from_millis(20),
        lease: Duration::from_millis(1500),
        heartbeat: Duration::from_millis(300),
    }
}

fn runner(shared: &Shared) -> Running {
    let registry = Registry::new()
        .with::<Count>()
        .with::<Stubborn>()
        .with::<Endless>()
        .with::<Panics>();
    Runner::new(shared.db.clone(), shared.clone(), registry, quick()).start()
}

/// Adds one row, in the transaction in which it ends itself.
#[derive(Serialize, Deserialize)]
struct Count {
    n: i64,
}

impl Job<Shared> for Count {
    const KIND: &'static str = "test.count";
    const MAX_ATTEMPTS: u32 = 50;
    const CONCURRENCY: usize = 8;
    const TIME_LIMIT: Duration = Duration::from_secs(10);

    async fn run(self, shared: Shared, ctx: JobContext) -> Outcome {
        let now = shared.running.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_running.fetch_max(now, Ordering::SeqCst);
        let counted = self.count(&shared, &ctx).await;
        shared.running.fetch_sub(1, Ordering::SeqCst);
        counted.into()
    }
}

impl Count {
    async fn count(&self, shared: &Shared, ctx: &JobContext) -> Result<(), DbError> {
        let tx = shared.db.write(ctx.scope()).await?;
        tx.conn()
            .execute_raw(Statement::from_sql_and_values(
                tx.backend(),
                "INSERT INTO timeline_events (business_id, customer_id, kind, ref_id, title, data, ts) \
                 SELECT 1, id, 'test', $1, 't', '{}', created_at FROM customers",
                [format!("{}-{}", self.n, crate::http::request_id::fresh()).into()],
            ))
            .await?;
        ctx.settle(&tx).await?;
        tx.commit().await
    }
}

/// Fails until its last attempt but one.
#[derive(Serialize, Deserialize)]
struct Stubborn {
    succeeds: bool,
}

impl Job<Shared> for Stubborn {
    const KIND: &'static str = "test.stubborn";
    const MAX_ATTEMPTS: u32 = 3;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(5);

    async fn run(self, shared: Shared, ctx: JobContext) -> Outcome {
        let id = crate::http::request_id::current();
        shared.note(format!("{} {} {id}", ctx.attempt(), ctx.request_id()));
        if self.succeeds && ctx.is_last_attempt() {
            return Outcome::Done;
        }
        Outcome::Retry {
            after: Some(Duration::ZERO),
            why: "not yet".to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Endless {}

impl Job<Shared> for Endless {
    const KIND: &'static str = "test.endless";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_millis(50);

    async fn run(self, _: Shared, _: JobContext) -> Outcome {
        std::future::pending().await
    }
}

#[derive(Serialize, Deserialize)]
struct Panics {}

impl Job<Shared> for Panics {
    const KIND: &'static str = "test.panics";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(1);

    async fn run(self, _: Shared, _: JobContext) -> Outcome {
        panic!("on purpose")
    }
}

/// Works until the process stops, then asks to go on elsewhere.
#[derive(Serialize, Deserialize)]
struct Patient {}

impl Job<Shared> for Patient {
    const KIND: &'static str = "test.patient";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_mins(1);

    async fn run(self, shared: Shared, ctx: JobContext) -> Outcome {
        shared.note("began");
        ctx.stopping().cancelled().await;
        Outcome::retry("the process stops")
    }
}

async fn enqueue<J: Job<Shared>>(db: &Db, job: &J, how: Enqueue) -> Option<i64> {
    let tx = db.write(&person(1, 1)).await.expect("a transaction");
    let id = tx.enqueue(job, how).await.expect("a job");
    tx.commit().await.expect("committed");
    id
}

async fn number(db: &Db, sql: &str) -> i64 {
    let tx = db.system_read("tests").await.expect("a transaction");
    let row = tx
        .conn()
        .query_one_raw(Statement::from_string(db.backend(), sql))
        .await
        .expect("an answer")
        .expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn dead(db: &Db) -> Vec<DeadJob> {
    let tx = db.system_read("tests").await.expect("a transaction");
    tx.dead_jobs(100).await.expect("jobs")
}

async fn a_customer(db: &Db) {
    let tx = db.system("tests").await.expect("a transaction");
    tx.conn()
        .execute_unprepared(
            "INSERT INTO customers (business_id, name, tags, custom, created_at, updated_at) \
             VALUES (1, 'x', '[]', '{}', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')",
        )
        .await
        .expect("a customer");
    tx.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_jobs_take_effect_once_though_runners_are_killed() {
    const JOBS: i64 = 1000;
    for database in test_databases::all().await {
        let db = &database.db;
        a_customer(db).await;
        let tx = db.write(&person(1, 1)).await.expect("a transaction");
        for n in 0..JOBS {
            tx.enqueue(&Count { n }, Enqueue::default()).await.expect("a job");
        }
        tx.commit().await.expect("committed");
        let other = Shared::new(&database.another_process().await);
        let done = async || number(db, "SELECT COUNT(*) FROM timeline_events").await;
        for kill_at in [100, 300, 500] {
            let runners = (runner(&Shared::new(db)), runner(&other));
            until("some jobs ran", async || done().await >= kill_at).await;
            drop(runners);
        }
        let last = runner(&Shared::new(db));
        until("every job ran", async || {
            number(db, "SELECT COUNT(*) FROM jobs").await == 0
        })
        .await;
        last.stop(Duration::from_secs(5)).await;
        assert_eq!(done().await, JOBS, "on {:?}", db.backend());
        assert!(dead(db).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_of_a_kind_run_at_once_than_it_allows() {
    for database in test_databases::all().await {
        let shared = Shared::new(&database.db);
        a_customer(&database.db).await;
        for n in 0..60 {
            enqueue(&database.db, &Count { n }, Enqueue::default()).await;
        }
        let running = runner(&shared);
        until("every job ran", async || {
            number(&database.db, "SELECT COUNT(*) FROM jobs").await == 0
        })
        .await;
        running.stop(Duration::from_secs(5)).await;
        assert!(shared.most_running.load(Ordering::SeqCst) <= Count::CONCURRENCY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_is_tried_again_with_its_request_id_and_then_given_up() {
    for database in test_databases::all().await {
        let shared = Shared::new(&database.db);
        let running = runner(&shared);
        enqueue(&database.db, &Stubborn { succeeds: true }, Enqueue::default()).await;
        until("it succeeded", async || {
            number(&database.db, "SELECT COUNT(*) FROM jobs").await == 0
        })
        .await;
        let tried: Vec<String> = (1..=3).map(|n| format!("{n} test-request test-request")).collect();
        assert_eq!(shared.noted(), tried);
        enqueue(&database.db, &Stubborn { succeeds: false }, Enqueue::once("k")).await;
        until("it was given up", async || dead(&database.db).await.len() == 1).await;
        let given_up = dead(&database.db).await;
        assert_eq!(given_up[0].last_error.as_deref(), Some("not yet"));
        assert_eq!((given_up[0].attempts, given_up[0].business_id), (3, Some(1)));
        assert!(
            enqueue(&database.db, &Stubborn { succeeds: true }, Enqueue::once("k"))
                .await
                .is_some()
        );
        until("the next one ran", async || shared.noted().len() == 9).await;
        running.stop(Duration::from_secs(5)).await;
        let tx = database.db.system("tests").await.expect("a transaction");
        assert!(tx.revive_job(given_up[0].id).await.expect("revived"));
        tx.commit().await.expect("committed");
        assert_eq!(
            number(&database.db, "SELECT COUNT(*) FROM jobs WHERE state = 'queued'").await,
            1
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_hangs_or_panics_is_given_up_like_any_other() {
    for database in test_databases::all().await {
        let running = runner(&Shared::new(&database.db));
        enqueue(&database.db, &Endless {}, Enqueue::default()).await;
        enqueue(&database.db, &Panics {}, Enqueue::default()).await;
        until("both were given up", async || dead(&database.db).await.len() == 2).await;
        running.stop(Duration::from_secs(5)).await;
        let mut why: Vec<_> = dead(&database.db)
            .await
            .into_iter()
            .filter_map(|job| job.last_error)
            .collect();
        why.sort();
        assert_eq!(why, ["cut off: it panicked", "cut off: it took longer than 50ms"]);
        assert_eq!(store::bury(&database.db, TimeDelta::days(1)).await.expect("nothing"), 0);
        assert_eq!(store::bury(&database.db, TimeDelta::zero()).await.expect("buried"), 2);
    }
}

#[tokio::test]
async fn an_unfinished_job_keeps_its_key_and_a_rolled_back_one_was_never_there() {
    for database in test_databases::all().await {
        let db = &database.db;
        let job = Stubborn { succeeds: true };
        assert!(enqueue(db, &job, Enqueue::once("a")).await.is_some());
        assert!(enqueue(db, &job, Enqueue::once("a")).await.is_none());
        assert!(enqueue(db, &job, Enqueue::once("b")).await.is_some());
        let other = db.write(&person(2, 2)).await.expect("a transaction");
        let theirs = other.enqueue(&job, Enqueue::once("a")).await.expect("a job");
        assert!(theirs.is_some(), "a key is a business's own");
        drop(other);
        until("the rollback is through", async || {
            number(db, "SELECT COUNT(*) FROM jobs").await == 2
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_time() {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    for backend in 0..2 {
        let clock = TestClock::at(start);
        let databases = test_databases::all_with(&Clock::Test(clock.clone())).await;
        let Some(database) = databases.get(backend) else { return };
        let shared = Shared::new(&database.db);
        let running = runner(&shared);
        enqueue(
            &database.db,
            &Stubborn { succeeds: false },
            Enqueue::at(start + TimeDelta::hours(1)),
        )
        .await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(shared.noted().is_empty());
        clock.advance(TimeDelta::hours(1));
        until("it ran", async || !shared.noted().is_empty()).await;
        running.stop(Duration::from_secs(5)).await;
    }
}

/// Ran by the clock.
#[derive(Clone, Serialize, Deserialize)]
struct Hourly {}

impl Job<Shared> for Hourly {
    const KIND: &'static str = "test.hourly";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(1);

    async fn run(self, shared: Shared, ctx: JobContext) -> Outcome {
        assert_eq!(ctx.scope().reach(), kernel::Reach::All);
        assert!(ctx.scope_of(2.into()).is_ok());
        shared.note("tick");
        Outcome::Done
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_kept_by_one_process_of_all() {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    for backend in 0..2 {
        let clock = TestClock::at(start);
        let databases = test_databases::all_with(&Clock::Test(clock.clone())).await;
        let Some(database) = databases.get(backend) else { return };
        let shared = Shared::new(&database.db);
        let start_one = || {
            let registry = Registry::new().every(Duration::from_hours(1), Hourly {});
            Runner::new(database.db.clone(), shared.clone(), registry, quick()).start()
        };
        let running = [start_one(), start_one(), start_one()];
        until("the first", async || shared.noted().len() == 1).await;
        until("it ended", async || {
            number(&database.db, "SELECT COUNT(*) FROM jobs").await == 0
        })
        .await;
        for hour in 2..5 {
            clock.advance(TimeDelta::hours(1));
            until("the next", async || shared.noted().len() == hour).await;
            until("it ended", async || {
                number(&database.db, "SELECT COUNT(*) FROM jobs").await == 0
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(shared.noted().len(), 4);
        drop(running);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_a_job_can_not_end_it() {
    for database in test_databases::all().await {
        let db = &database.db;
        let id = enqueue(db, &Count { n: 1 }, Enqueue::default()).await.expect("a job");
        let lease = TimeDelta::milliseconds(1);
        let first = store::claim(db, (Count::KIND, Pause::Never), 1, "one", lease)
            .await
            .expect("claimed");
        assert_eq!(first.len(), 1);
        assert!(
            store::claim(db, (Count::KIND, Pause::Never), 1, "two", lease)
                .await
                .expect("none")
                .is_empty()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(store::reclaim(db).await.expect("reclaimed"), 1);
        let second = store::claim(db, (Count::KIND, Pause::Never), 1, "two", TimeDelta::hours(1))
            .await
            .expect("claimed");
        assert_eq!(second[0].last_error.as_deref(), Some("cut off: its runner went away"));
        let lost = store::Claim {
            id,
            worker: "one".to_owned(),
            attempts: 1,
        };
        assert_eq!(store::done(db, &lost).await.expect("nothing"), 0);
        assert_eq!(store::give_up(db, &lost, "x").await.expect("nothing"), 0);
        assert!(store::heartbeat(db, "one", lease).await.expect("nothing").is_empty());
        let held = store::Claim {
            id,
            worker: "two".to_owned(),
            attempts: 2,
        };
        assert_eq!(store::done(db, &held).await.expect("done"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_runner_hands_back_what_is_not_done_and_takes_nothing_more() {
    for database in test_databases::all().await {
        let shared = Shared::new(&database.db);
        let pulse = Pulse::default();
        assert!(!pulse.is_alive());
        let registry = Registry::new().with::<Patient>().with::<Stubborn>();
        let running = Runner::new(database.db.clone(), shared.clone(), registry, quick())
            .with_pulse(pulse.clone())
            .start();
        enqueue(&database.db, &Patient {}, Enqueue::default()).await;
        until("it began", async || shared.noted().len() == 1).await;
        assert!(pulse.is_alive());
        running.stop(Duration::from_secs(5)).await;
        enqueue(&database.db, &Stubborn { succeeds: true }, Enqueue::default()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(shared.noted(), ["began"]);
        let untouched = "SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND attempts = 0";
        assert_eq!(number(&database.db, untouched).await, 2);
        assert!(dead(&database.db).await.is_empty());
    }
}
