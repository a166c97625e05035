//! The table `custom_fields`.

use std::collections::HashMap;

use kernel::Problem;
use platform::db::{Owned, ReadTx};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_fields")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub entity: String,
    /// The name of its values in `custom{}`; it stays.
    pub key: String,
    pub label: String,
    /// [`super::model::Kind`]; it stays.
    pub kind: String,
    /// A list of texts.
    pub choices: Json,
    pub position: i32,
    /// Not shown and not written any more; its values stay.
    pub archived: bool,
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

/// A business has no more for one entity.
pub const MOST_FIELDS: u64 = 100;

pub async fn by_key(tx: &ReadTx, entity: &str) -> Result<HashMap<String, Model>, Problem> {
    let fields = tx
        .find::<Entity>()
        .filter(Column::Entity.eq(entity))
        .limit(MOST_FIELDS)
        .all()
        .await?;
    Ok(fields.into_iter().map(|field| (field.key.clone(), field)).collect())
}
