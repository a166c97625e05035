//! The tables `deals` and `deal_changes`.

use kernel::Problem;
use platform::db::{Find, Owned, ReadTx};
use sea_orm::entity::prelude::*;

use crate::crm::sight;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deals")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub title: String,
    pub customer_id: Option<i64>,
    pub pipeline_id: i64,
    pub stage_id: i64,
    /// Its place in the stage, the smallest on top; see [`super::place`].
    pub position: i64,
    pub amount_minor: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// A day such as `2026-11-30`.
    pub expected_close: Option<String>,
    pub owner_id: Option<i64>,
    /// `open`, `won` or `lost`.
    pub status: String,
    pub lost_reason: Option<String>,
    pub stage_since: DateTimeUtc,
    /// When it was won or lost.
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// The deals that the actor may see.
pub fn visible(tx: &ReadTx) -> Find<'_, Entity> {
    sight::visible(tx, Column::OwnerId)
}

/// 404 for one that is not there, another business's, or not the actor's to see.
pub async fn get(tx: &ReadTx, id: i64) -> Result<Model, Problem> {
    visible(tx).by_id(id).one().await?.ok_or_else(Problem::not_found)
}

/// As [`get`], locked until the transaction ends.
pub async fn locked(tx: &ReadTx, id: i64) -> Result<Model, Problem> {
    visible(tx).by_id(id).lock().one().await?.ok_or_else(Problem::not_found)
}

/// A step of a deal: into another stage, to its end, or open again.
pub mod change {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "deal_changes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub deal_id: i64,
        pub at: DateTimeUtc,
        pub by_id: Option<i64>,
        /// None where the deal begins.
        pub from_stage_id: Option<i64>,
        pub from_stage: Option<String>,
        pub to_stage_id: i64,
        pub to_stage: String,
        pub from_status: Option<String>,
        pub to_status: String,
        pub reason: Option<String>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
