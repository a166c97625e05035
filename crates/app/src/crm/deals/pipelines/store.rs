//! The tables `pipelines` and `pipeline_stages`.

use kernel::Problem;
use platform::db::{Owned, ReadTx};
use sea_orm::{Order, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pipelines")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub name: String,
    pub position: i32,
    /// Into which deals come when nobody says otherwise; each business has one.
    pub is_default: bool,
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

pub mod stage {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pipeline_stages")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub pipeline_id: i64,
        pub name: String,
        /// In percent: how likely a deal in this stage is to be won.
        pub probability: i32,
        pub position: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

/// The stages of these pipelines, in their order.
pub async fn stages_of(tx: &ReadTx, pipelines: impl IntoIterator<Item = i64>) -> Result<Vec<stage::Model>, Problem> {
    Ok(tx
        .find::<stage::Entity>()
        .filter(stage::Column::PipelineId.is_in(pipelines))
        .order_by(stage::Column::Position, Order::Asc)
        .order_by(stage::Column::Id, Order::Asc)
        .all()
        .await?)
}

/// 422 on this field for a stage that the business does not have.
pub async fn stage(tx: &ReadTx, field: &str, id: i64) -> Result<stage::Model, Problem> {
    let found = tx.find::<stage::Entity>().by_id(id).one().await?;
    found.ok_or_else(|| Problem::invalid(field, "unknown_stage", "is not a stage of this business"))
}
