//! Jobs that were given up: kept, so that a person can look and try again.

use chrono::{DateTime, Utc};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};

use super::store;
use crate::db::{DbError, SystemTx};

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

    /// Queues a job that was given up once more, with all its attempts. `false` when there is no such job.
    pub async fn revive_job(&self, id: i64) -> Result<bool, DbError> {
        let revived = store::Entity::update_many()
            .col_expr(store::Column::State, Expr::value("queued"))
            .col_expr(store::Column::Attempts, Expr::value(0))
            .col_expr(store::Column::RunAt, Expr::value(self.now()))
            .col_expr(store::Column::LastError, Expr::value(None::<String>))
            .col_expr(store::Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
            .filter(store::Column::Id.eq(id))
            .filter(store::Column::State.eq("dead"))
            .exec(self.conn())
            .await?;
        self.wrote().a_job();
        Ok(revived.rows_affected > 0)
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
