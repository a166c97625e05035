//! The table `customer_notes`.

use platform::db::Owned;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_notes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub customer_id: i64,
    /// The user who wrote it; null when a job did.
    pub author_id: Option<i64>,
    pub text: String,
    /// Ids of the users who are mentioned.
    pub mentions: Json,
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

impl Model {
    pub fn mentioned(&self) -> Vec<i64> {
        let ids = self.mentions.as_array();
        ids.into_iter().flatten().filter_map(Json::as_i64).collect()
    }
}
