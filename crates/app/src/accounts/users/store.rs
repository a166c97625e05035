//! Table `users`.

use platform::db::Owned;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub name: String,
    /// Lower case, unique over all businesses.
    pub email: String,
    /// E.164; where calls are passed to.
    pub phone: Option<String>,
    pub role: String,
    pub active: bool,
    /// Whether calls may be passed to this person now.
    pub available: bool,
    pub password_hash: Option<String>,
    pub last_seen_at: Option<DateTimeUtc>,
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
