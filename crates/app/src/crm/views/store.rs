//! The table `saved_views`.

use kernel::{Problem, UserId};
use platform::db::{Find, Owned, ReadTx};
use sea_orm::{Condition, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    /// Who made it.
    pub user_id: i64,
    pub name: String,
    pub entity: String,
    pub shared: bool,
    /// Query parameters of the list.
    pub filters: Json,
    pub sort: Option<String>,
    /// Names of columns in their order; empty: the usual ones.
    pub columns: Json,
    pub density: String,
    pub position: i32,
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

/// The actor's own views and the shared ones.
pub fn visible(tx: &ReadTx) -> Find<'_, Entity> {
    let own = tx.scope().actor().user_id().map_or(0, UserId::get);
    tx.find::<Entity>().filter(
        Condition::any()
            .add(Column::UserId.eq(own))
            .add(Column::Shared.eq(true)),
    )
}

/// 404 for another person's own view, too.
pub async fn get(tx: &ReadTx, id: i64) -> Result<Model, Problem> {
    visible(tx).by_id(id).one().await?.ok_or_else(Problem::not_found)
}
