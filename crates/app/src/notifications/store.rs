//! Tables `notifications`, `notification_preferences` and `incidents`.

use std::time::Duration;

use chrono::TimeDelta;
use platform::{
    db::{DbError, Owned, ReadTx},
    jobs::{Job, JobContext, Outcome},
};
use sea_orm::{Condition, ConnectionTrait, Statement, entity::prelude::*};
use serde::{Deserialize, Serialize};

use crate::AppState;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub user_id: i64,
    pub kind: String,
    pub title: String,
    /// A path of the web app.
    pub link: String,
    /// What it is of; with the kind, told to each person once.
    pub ref_id: String,
    /// Whether it stands in the person's list; otherwise it is only there to be sent.
    pub on_screen: bool,
    pub created_at: DateTimeUtc,
    pub read_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// What a person chose for one kind.
pub mod preference {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notification_preferences")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub user_id: i64,
        pub kind: String,
        pub screen: bool,
        pub push: bool,
        pub email: bool,
        pub whatsapp: bool,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

/// Something that is out of order until it is over.
pub mod incident {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "incidents")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub kind: String,
        pub subject: String,
        pub began_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

/// How long a notification is kept.
const KEPT: TimeDelta = TimeDelta::days(90);
pub(super) const SWEEP_EVERY: Duration = Duration::from_hours(6);
const MOST_PER_SWEEP: u64 = 2_000;

/// Deletes notifications that nobody looks for any more, of all businesses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepNotifications {}

impl Job<AppState> for SweepNotifications {
    const KIND: &'static str = "notifications.sweep";
    const MAX_ATTEMPTS: u32 = 1;
    const CONCURRENCY: usize = 1;
    const TIME_LIMIT: Duration = Duration::from_secs(120);

    async fn run(self, app: AppState, _: JobContext) -> Outcome {
        sweep(&app).await.into()
    }
}

async fn sweep(app: &AppState) -> Result<(), DbError> {
    let before = app.clock.now() - KEPT;
    loop {
        let tx = app.db.system("old notifications").await?;
        let gone = tx
            .conn()
            .execute_raw(Statement::from_sql_and_values(
                app.db.backend(),
                format!(
                    "DELETE FROM notifications WHERE id IN \
                     (SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT {MOST_PER_SWEEP})"
                ),
                [before.into()],
            ))
            .await?
            .rows_affected();
        tx.commit().await?;
        if gone < MOST_PER_SWEEP {
            return Ok(());
        }
    }
}

/// What stands in this person's list.
pub fn own(user_id: i64) -> Condition {
    Condition::all()
        .add(Column::UserId.eq(user_id))
        .add(Column::OnScreen.eq(true))
}

/// How much of it they have not read.
pub async fn unread(tx: &ReadTx, user_id: i64) -> Result<u64, DbError> {
    tx.find::<Entity>()
        .filter(own(user_id).add(Column::ReadAt.is_null()))
        .count()
        .await
}

/// What one person was told of one thing.
pub async fn of_ref(tx: &ReadTx, user_id: i64, kind: super::Kind, ref_id: &str) -> Result<Option<Model>, DbError> {
    tx.find::<Entity>()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::RefId.eq(ref_id))
        .one()
        .await
}

/// Whether anybody was told of this.
pub async fn is_told(tx: &ReadTx, kind: super::Kind, ref_id: &str) -> Result<bool, DbError> {
    let told = tx
        .find::<Entity>()
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::RefId.eq(ref_id))
        .limit(1)
        .one()
        .await?;
    Ok(told.is_some())
}
