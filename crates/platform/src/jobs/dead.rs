//! Jobs that were given up: kept, so that a person can look and try again.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, Statement, entity::prelude::*, sea_query::Expr,
};

use super::store;
use crate::db::{DbError, SystemTx, WriteTx};

/// One job that was given up.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeadJob {
    pub id: i64,
    pub business_id: Option<i64>,
    pub kind: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub request_id: String,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Jobs of one kind in one state (`queued`, `running` or `dead`).
#[derive(Clone, Debug, FromQueryResult)]
pub struct JobCount {
    pub kind: String,
    pub state: String,
    pub jobs: i64,
    /// When the first of them was, or is, due.
    pub first_at: Option<DateTime<Utc>>,
}

impl SystemTx {
    /// The latest jobs that were given up.
    pub async fn dead_jobs(&self, limit: u64) -> Result<Vec<DeadJob>, DbError> {
        let found = store::Entity::find()
            .filter(store::Column::State.eq("dead"))
            .order_by_desc(store::Column::Id)
            .limit(limit)
            .all(self.conn())
            .await?;
        Ok(found.into_iter().map(view).collect())
    }

    /// How many jobs of each kind are in each state.
    pub async fn job_counts(&self) -> Result<Vec<JobCount>, DbError> {
        Ok(JobCount::find_by_statement(Statement::from_string(
            self.conn().get_database_backend(),
            "SELECT kind, state, COUNT(*) AS jobs, MIN(run_at) AS first_at FROM jobs GROUP BY kind, state \
             ORDER BY kind, state",
        ))
        .all(self.conn())
        .await?)
    }

    /// The job with this id, if it was given up.
    pub async fn dead_job(&self, id: i64) -> Result<Option<DeadJob>, DbError> {
        let found = store::Entity::find_by_id(id)
            .filter(store::Column::State.eq("dead"))
            .one(self.conn())
            .await?;
        Ok(found.map(view))
    }

    /// Jobs of businesses that were given up and of which nobody was told yet, the oldest first.
    pub async fn untold_dead_jobs(&self, limit: u64) -> Result<Vec<DeadJob>, DbError> {
        let found = store::Entity::find()
            .filter(store::Column::State.eq("dead"))
            .filter(store::Column::BusinessId.is_not_null())
            .filter(store::Column::ToldAt.is_null())
            .order_by_asc(store::Column::Id)
            .limit(limit)
            .all(self.conn())
            .await?;
        Ok(found.into_iter().map(view).collect())
    }

    /// Queues a job that was given up once more, with all its attempts. `false` when there is no such job.
    pub async fn revive_job(&self, id: i64) -> Result<bool, DbError> {
        let revived = store::Entity::update_many()
            .col_expr(store::Column::State, Expr::value("queued"))
            .col_expr(store::Column::Attempts, Expr::value(0))
            .col_expr(store::Column::RunAt, Expr::value(self.now()))
            .col_expr(store::Column::LastError, Expr::value(None::<String>))
            .col_expr(store::Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(store::Column::ToldAt, Expr::value(None::<DateTime<Utc>>))
            .filter(store::Column::Id.eq(id))
            .filter(store::Column::State.eq("dead"))
            .exec(self.conn())
            .await?;
        self.wrote().a_job();
        Ok(revived.rows_affected > 0)
    }
}

impl WriteTx {
    /// Notes that somebody was told of these jobs.
    pub async fn dead_jobs_are_told(&self, ids: &[i64]) -> Result<(), DbError> {
        store::Entity::update_many()
            .col_expr(store::Column::ToldAt, Expr::value(self.now()))
            .filter(store::Column::BusinessId.eq(self.own_business()?))
            .filter(store::Column::Id.is_in(ids.iter().copied()))
            .exec(self.conn())
            .await?;
        Ok(())
    }
}

fn view(job: store::Model) -> DeadJob {
    DeadJob {
        id: job.id,
        business_id: job.business_id,
        kind: job.kind,
        attempts: job.attempts,
        last_error: job.last_error,
        request_id: job.request_id,
        finished_at: job.finished_at,
    }
}
