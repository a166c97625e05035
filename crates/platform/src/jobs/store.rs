//! The table `jobs`, and the statements by which it is a queue.
//!
//! `state` is `queued`, `running` or `dead`; a job that is done is deleted. A claim is known by `worker` and
//! `attempts` together, so that a runner whose lease has ended can change nothing any more.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbBackend, FromQueryResult, Statement, Value, entity::prelude::*,
    sea_query::OnConflict,
};

use super::{Enqueue, Job, Pause};
use crate::db::{Db, DbError, retrying};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: Option<i64>,
    pub kind: String,
    pub payload: Json,
    pub dedupe_key: Option<String>,
    pub state: String,
    pub run_at: DateTimeUtc,
    pub attempts: i32,
    pub max_attempts: i32,
    pub worker: Option<String>,
    pub lease_until: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub request_id: String,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// When somebody was told that it was given up.
    pub told_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The time by which leases are measured: whether a process lives is not a matter of the product's clock, which a test
/// may move by hours. Machines that share a database keep their clocks together (NTP) to well within a lease.
pub(super) fn lease_now() -> DateTime<Utc> {
    Clock::System.now()
}

/// How the error of an attempt begins that ended without a word of its own: what it had sent may have arrived.
pub(super) const CUT_OFF: &str = "cut off: ";

/// What is kept of an error's text.
const LONGEST_ERROR: usize = 500;

pub(super) fn row<S, J: Job<S>>(
    job: &J,
    how: Enqueue,
    business: Option<i64>,
    request_id: &str,
    now: DateTime<Utc>,
) -> Result<ActiveModel, DbError> {
    let payload = serde_json::to_value(job)
        .map_err(|err| DbError::Failed(DbErr::Custom(format!("job {} does not encode: {err}", J::KIND))))?;
    let dedupe_key = how.dedupe.map(|key| format!("{}:{key}", business.unwrap_or_default()));
    Ok(ActiveModel {
        business_id: Set(business),
        kind: Set(J::KIND.to_owned()),
        payload: Set(payload),
        dedupe_key: Set(dedupe_key),
        state: Set("queued".to_owned()),
        run_at: Set(how.run_at.unwrap_or(now)),
        attempts: Set(0),
        max_attempts: Set(i32::try_from(J::MAX_ATTEMPTS).unwrap_or(i32::MAX)),
        request_id: Set(request_id.to_owned()),
        created_at: Set(now),
        ..Default::default()
    })
}

/// Writes a job; `None` when its dedupe key is taken.
pub(super) async fn insert(conn: &impl ConnectionTrait, row: ActiveModel) -> Result<Option<i64>, DbError> {
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_with_returning(conn)
        .await;
    match inserted {
        Ok(model) => Ok(Some(model.id)),
        Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
        Err(err) => Err(err.into()),
    }
}

pub(super) async fn insert_all(conn: &impl ConnectionTrait, rows: Vec<ActiveModel>) -> Result<(), DbError> {
    Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// The holder of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub id: i64,
    pub worker: String,
    pub attempts: i32,
}

/// When each kind has work, and when the first lease ends (under the empty name).
#[derive(Debug, FromQueryResult)]
pub(super) struct Due {
    pub kind: String,
    pub at: Option<DateTimeUtc>,
}

pub(super) async fn due(db: &Db, kinds: &[&str]) -> Result<Vec<Due>, DbError> {
    let backend = db.backend();
    let text = if backend == DbBackend::Postgres { "::text" } else { "" };
    let mut selects =
        vec!["SELECT '' AS kind, (SELECT MIN(lease_until) FROM jobs WHERE state = 'running') AS at".to_owned()];
    selects.extend((1..=kinds.len()).map(|n| {
        format!(
            "SELECT ${n}{text} AS kind, \
             (SELECT MIN(run_at) FROM jobs WHERE state = 'queued' AND kind = ${n}{text}) AS at"
        )
    }));
    let sql = selects.join(" UNION ALL ");
    let values: Vec<Value> = kinds.iter().map(|kind| (*kind).into()).collect();
    let tx = db.system_read("claiming jobs").await?;
    let found = Due::find_by_statement(Statement::from_sql_and_values(backend, sql, values))
        .all(tx.conn())
        .await?;
    Ok(found)
}

/// Leaves out the jobs of businesses in which they are paused.
fn unless_paused(backend: DbBackend, pause: Pause) -> String {
    let off = match pause {
        Pause::Never => return String::new(),
        Pause::BusinessClosed => String::new(),
        Pause::ModuleOff(module) => {
            let module = module.as_str();
            let member = |name: &str| match backend {
                DbBackend::Postgres => format!("COALESCE(b.modules->'{module}'->>'{name}', '') <> 'true'"),
                _ => format!("COALESCE(json_extract(b.modules, '$.{module}.{name}'), 0) <> 1"),
            };
            format!(" OR {} OR {}", member("licensed"), member("on"))
        }
    };
    format!("AND NOT EXISTS (SELECT 1 FROM businesses b WHERE b.id = jobs.business_id AND (NOT b.active{off}))")
}

/// Takes up to `limit` jobs of a kind that are due and not paused.
pub(super) async fn claim(
    db: &Db,
    (kind, pause): (&str, Pause),
    limit: u64,
    worker: &str,
    lease: TimeDelta,
) -> Result<Vec<Model>, DbError> {
    let now = db.clock().now();
    let skip_locked = if db.is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE jobs SET state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM jobs WHERE state = 'queued' AND kind = $3 AND run_at <= $4 {} \
          ORDER BY run_at, id LIMIT {limit} {skip_locked}) RETURNING *",
        unless_paused(db.backend(), pause)
    );
    retrying(async || {
        let tx = db.system("claiming jobs").await?;
        let claimed = Entity::find()
            .from_raw_sql(Statement::from_sql_and_values(
                db.backend(),
                &sql,
                [worker.into(), (lease_now() + lease).into(), kind.into(), now.into()],
            ))
            .all(tx.conn())
            .await?;
        tx.commit().await?;
        Ok(claimed)
    })
    .await
}

/// Gives back what runners that are gone have held; a job that took its last attempt with it is dead.
pub(super) async fn reclaim(db: &Db) -> Result<u64, DbError> {
    let now = db.clock().now();
    change(
        db,
        &format!(
            "UPDATE jobs SET worker = NULL, lease_until = NULL, last_error = '{CUT_OFF}its runner went away', \
         state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'queued' END, \
         dedupe_key = CASE WHEN attempts >= max_attempts THEN NULL ELSE dedupe_key END, \
         finished_at = CASE WHEN attempts >= max_attempts THEN $1 ELSE finished_at END \
         WHERE state = 'running' AND lease_until < $2"
        ),
        vec![now.into(), lease_now().into()],
    )
    .await
}

/// Prolongs every claim of a worker and gives the ids that it still holds.
pub(super) async fn heartbeat(db: &Db, worker: &str, lease: TimeDelta) -> Result<Vec<i64>, DbError> {
    let until = lease_now() + lease;
    retrying(async || {
        let tx = db.system("claiming jobs").await?;
        let rows = tx
            .conn()
            .query_all_raw(Statement::from_sql_and_values(
                db.backend(),
                "UPDATE jobs SET lease_until = $1 WHERE state = 'running' AND worker = $2 RETURNING id",
                [until.into(), worker.into()],
            ))
            .await?;
        tx.commit().await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get_by_index::<i64>(0))
            .collect::<Result<Vec<i64>, DbErr>>()?)
    })
    .await
}

const OF_CLAIM: &str = "WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'";

fn claim_values(claim: &Claim) -> Vec<Value> {
    vec![claim.id.into(), claim.worker.as_str().into(), claim.attempts.into()]
}

/// The statement that ends a claim's job as done.
pub(super) fn done_statement(backend: DbBackend, claim: &Claim) -> Statement {
    Statement::from_sql_and_values(backend, format!("DELETE FROM jobs {OF_CLAIM}"), claim_values(claim))
}

pub(super) async fn done(db: &Db, claim: &Claim) -> Result<u64, DbError> {
    change(db, &format!("DELETE FROM jobs {OF_CLAIM}"), claim_values(claim)).await
}

/// Puts a claimed job back for later.
pub(super) async fn put_back(db: &Db, claim: &Claim, run_at: DateTime<Utc>, why: &str) -> Result<u64, DbError> {
    let mut values = claim_values(claim);
    values.push(run_at.into());
    values.push(shorten(why).into());
    change(
        db,
        &format!(
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, run_at = $4, last_error = $5 {OF_CLAIM}"
        ),
        values,
    )
    .await
}

/// Puts a claimed job back as if it had not been started: the process is stopping.
pub(super) async fn hand_back(db: &Db, claim: &Claim, why: &str) -> Result<u64, DbError> {
    let mut values = claim_values(claim);
    values.push(shorten(why).into());
    change(
        db,
        &format!(
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, attempts = attempts - 1, \
             last_error = $4 {OF_CLAIM}"
        ),
        values,
    )
    .await
}

/// Gives a claimed job up.
pub(super) async fn give_up(db: &Db, claim: &Claim, why: &str) -> Result<u64, DbError> {
    let mut values = claim_values(claim);
    values.push(db.clock().now().into());
    values.push(shorten(why).into());
    change(
        db,
        &format!(
            "UPDATE jobs SET state = 'dead', worker = NULL, lease_until = NULL, dedupe_key = NULL, finished_at = $4, \
             last_error = $5 {OF_CLAIM}"
        ),
        values,
    )
    .await
}

/// Deletes jobs that were given up longer ago than `kept`.
pub(super) async fn bury(db: &Db, kept: TimeDelta) -> Result<u64, DbError> {
    let before = db.clock().now() - kept;
    change(
        db,
        "DELETE FROM jobs WHERE state = 'dead' AND finished_at < $1",
        vec![before.into()],
    )
    .await
}

/// How many jobs of each kind are in each state.
#[derive(Debug, FromQueryResult)]
pub(super) struct Depth {
    pub kind: String,
    pub state: String,
    pub jobs: i64,
}

pub(super) async fn depth(db: &Db) -> Result<Vec<Depth>, DbError> {
    let tx = db.system_read("counting jobs").await?;
    Ok(Depth::find_by_statement(Statement::from_string(
        db.backend(),
        "SELECT kind, state, COUNT(*) AS jobs FROM jobs GROUP BY kind, state",
    ))
    .all(tx.conn())
    .await?)
}

async fn change(db: &Db, sql: &str, values: Vec<Value>) -> Result<u64, DbError> {
    retrying(async || {
        let tx = db.system("claiming jobs").await?;
        let changed = tx
            .conn()
            .execute_raw(Statement::from_sql_and_values(db.backend(), sql, values.clone()))
            .await?
            .rows_affected();
        tx.commit().await?;
        Ok(changed)
    })
    .await
}

fn shorten(why: &str) -> String {
    why.chars().take(LONGEST_ERROR).collect()
}
