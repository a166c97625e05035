//! Work that the clock starts.
//!
//! One row per schedule in `job_schedules` says when it is due next. The process whose update moves that time on
//! writes the job, in the same transaction: so one process of all does it, and a restart forgets nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, Statement};

use crate::db::{Db, DbError, SystemTx};

type Write = Box<dyn for<'t> Fn(&'t SystemTx) -> BoxFuture<'t, Result<(), DbError>> + Send + Sync>;

pub(super) struct Schedule {
    pub name: &'static str,
    pub period: Duration,
    pub write: Write,
}

impl Schedule {
    /// Writes the job if it is due, and gives the time when the schedule is due next.
    pub async fn tick(&self, db: &Db) -> Result<DateTime<Utc>, DbError> {
        let now = db.clock().now();
        let next = now + TimeDelta::from_std(self.period).unwrap_or(TimeDelta::MAX);
        let tx = db.system("claiming jobs").await?;
        let moved = tx
            .conn()
            .execute_raw(Statement::from_sql_and_values(
                db.backend(),
                "INSERT INTO job_schedules (name, next_at) VALUES ($1, $2) \
                 ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE job_schedules.next_at <= $3",
                [self.name.into(), next.into(), now.into()],
            ))
            .await?
            .rows_affected();
        if moved > 0 {
            (self.write)(&tx).await?;
            tx.commit().await?;
            return Ok(next);
        }
        let row = tx
            .conn()
            .query_one_raw(Statement::from_sql_and_values(
                db.backend(),
                "SELECT next_at FROM job_schedules WHERE name = $1",
                [self.name.into()],
            ))
            .await?;
        Ok(match row {
            Some(row) => row.try_get_by_index::<DateTime<Utc>>(0)?,
            None => next,
        })
    }
}
