//! The table `tasks`.

use kernel::{Problem, TaskId};
use platform::db::{Find, Owned, ReadTx};
use sea_orm::entity::prelude::*;

use crate::crm::sight;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub title: String,
    pub notes: Option<String>,
    pub customer_id: Option<i64>,
    /// The call that it comes from.
    pub call_id: Option<i64>,
    pub assignee_id: Option<i64>,
    pub due_at: Option<DateTimeUtc>,
    pub priority: String,
    /// `open`, `snoozed` or `done`.
    pub status: String,
    pub source: String,
    pub completed_at: Option<DateTimeUtc>,
    pub completed_by_id: Option<i64>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deal_id: Option<i64>,
    /// An RRULE in the business's zone.
    pub repeat: Option<String>,
    /// Where the series begins, which the rule counts from.
    pub repeat_from: Option<DateTimeUtc>,
    /// The task that repeats this one, once there is one.
    pub next_id: Option<i64>,
    pub remind_before_minutes: Option<i32>,
    /// When the alarm is raised; none when it was, or when there is none.
    pub alarm_at: Option<DateTimeUtc>,
    /// Counts the alarms that were set: each is raised once.
    pub occurrence: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

impl Model {
    pub const fn record_id(&self) -> TaskId {
        TaskId::new(self.id)
    }

    /// The same for every message of one alarm, and another one for the next.
    pub fn occurrence_id(&self) -> String {
        format!("{}-{}", self.id, self.occurrence)
    }
}

/// The tasks that the actor may see.
pub fn visible(tx: &ReadTx) -> Find<'_, Entity> {
    sight::visible(tx, Column::AssigneeId)
}

/// 404 for one that is not there, another business's, or not the actor's to see.
pub async fn get(tx: &ReadTx, id: TaskId) -> Result<Model, Problem> {
    visible(tx).by_id(id).one().await?.ok_or_else(Problem::not_found)
}

/// An alarm that was raised.
pub mod occurrence {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_occurrences")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub task_id: i64,
        pub occurrence: i64,
        pub due_at: DateTimeUtc,
        pub raised_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
