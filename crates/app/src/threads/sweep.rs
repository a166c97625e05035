//! What nobody waits for any more: uploads that are a day old, statuses of messages that never came, and webhooks for
//! nobody here.

use std::time::Duration;

use chrono::TimeDelta;
use platform::{
    db::DbError,
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};

use crate::AppState;

pub const EVERY: Duration = Duration::from_hours(1);
/// Uploads that one run takes away.
const AT_ONCE: u32 = 200;
const UPLOADS_KEPT: TimeDelta = TimeDelta::days(1);
const STATUSES_KEPT: TimeDelta = TimeDelta::days(7);
const DELIVERIES_KEPT: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepUploads {}

impl Job<AppState> for SweepUploads {
    const KIND: &'static str = "messages.sweep";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_mins(5);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        sweep(&app).await.into()
    }
}

#[derive(FromQueryResult)]
struct Old {
    id: i64,
    storage_key: String,
    /// A message has it: the file is the message's from now on.
    sent: bool,
}

async fn sweep(app: &AppState) -> Result<(), DbError> {
    let backend = app.db.backend();
    let now = app.clock.now();
    let old = format!(
        "SELECT u.id, u.storage_key, EXISTS (SELECT 1 FROM message_files f WHERE f.business_id = u.business_id \
         AND f.storage_key = u.storage_key) AS sent FROM uploads u WHERE u.created_at < $1 ORDER BY u.created_at LIMIT {AT_ONCE}"
    );
    let old = Statement::from_sql_and_values(backend, old, [(now - UPLOADS_KEPT).into()]);
    let old: Vec<Old> = app.db.system_rows("old uploads", old).await?;
    let mut gone = Vec::with_capacity(old.len());
    for upload in old {
        if !upload.sent
            && let Err(err) = app.storage.delete(&upload.storage_key).await
        {
            tracing::warn!(error = %err, "an old upload is still there");
            continue;
        }
        gone.push(upload.id);
    }
    let tx = app.db.system("old uploads").await?;
    for id in gone {
        let one = Statement::from_sql_and_values(backend, "DELETE FROM uploads WHERE id = $1", [id.into()]);
        tx.conn().execute_raw(one).await?;
    }
    for (sql, before) in [
        (
            "DELETE FROM message_statuses WHERE created_at < $1",
            now - STATUSES_KEPT,
        ),
        (
            "DELETE FROM whatsapp_deliveries WHERE state <> 'waiting' AND received_at < $1",
            now - DELIVERIES_KEPT,
        ),
    ] {
        tx.conn()
            .execute_raw(Statement::from_sql_and_values(backend, sql, [before.into()]))
            .await?;
    }
    tx.commit().await
}
