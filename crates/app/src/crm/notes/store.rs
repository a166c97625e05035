//! The table `customer_notes`.

use kernel::Visibility;
use platform::db::{Find, Owned, ReadTx};
use sea_orm::{
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::crm::customers::store as customers;

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

/// The notes about customers whom the actor may see.
pub fn visible(tx: &ReadTx) -> Find<'_, Entity> {
    let find = tx.find::<Entity>();
    let mut of = Query::select();
    of.expr(Expr::val(1))
        .from(customers::Entity)
        .and_where(same(customers::Column::BusinessId, Column::BusinessId))
        .and_where(same(customers::Column::Id, Column::CustomerId))
        .and_where(Expr::col((customers::Entity, customers::Column::DeletedAt)).is_null());
    if let Visibility::OwnAndUnassigned(user) = tx.scope().visibility() {
        let owner = || Expr::col((customers::Entity, customers::Column::OwnerId));
        of.and_where(owner().eq(user.get()).or(owner().is_null()));
    }
    find.filter(Expr::exists(of))
}

fn same(of_customer: customers::Column, of_note: Column) -> Expr {
    Expr::col((customers::Entity, of_customer)).equals((Entity, of_note))
}
