//! The table `exports`: archives of everything that a business has.

use platform::db::Owned;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "exports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    /// [`super::model::Status`].
    pub status: String,
    pub storage_key: String,
    pub size_bytes: Option<i64>,
    /// What the archive holds: kind → number.
    pub counts: Json,
    /// Why it was given up: a problem's code.
    pub failure: Option<String>,
    pub created_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// From then on it is not there any more.
    pub expires_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}
