//! Table `api_keys`.

use platform::db::Owned;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub name: String,
    pub prefix: String,
    /// SHA-256 of the whole key, in hex: the key itself is nowhere but with its bearer.
    pub secret_hash: String,
    /// A list of names of scopes.
    pub scopes: Json,
    /// The person whose role bounds what the key may do; of another business when an admin made it.
    pub made_by_id: i64,
    pub expires_at: Option<DateTimeUtc>,
    pub last_used_at: Option<DateTimeUtc>,
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
