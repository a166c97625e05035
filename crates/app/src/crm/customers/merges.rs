//! The table `customer_merges`: who went up in whom, and what is needed to undo it.

use chrono::TimeDelta;
use kernel::{CustomerId, Problem};
use platform::db::{Owned, ReadTx};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// So long a merge can be undone.
pub const UNDONE_WITHIN: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_merges")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub kept_id: i64,
    pub other_id: i64,
    /// Fields of the kept customer that the merge changed, as they were.
    pub kept_before: Json,
    /// The same as the merge left them.
    pub kept_after: Json,
    /// [`Identity`]s of the other customer.
    pub identities: Json,
    pub merged_by_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub undone_at: Option<DateTimeUtc>,
    pub undone_by_id: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// A phone or address that the other customer had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub kind: String,
    pub value: String,
    pub position: i32,
    /// The kept customer had it, too.
    pub shared: bool,
}

impl Model {
    pub fn identities(&self) -> Vec<Identity> {
        serde_json::from_value(self.identities.clone()).unwrap_or_default()
    }
}

/// The merges into a customer, the latest first.
pub async fn into(tx: &ReadTx, kept: CustomerId) -> Result<Vec<Model>, Problem> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::KeptId.eq(kept.get()))
        .order_by(Column::Id, sea_orm::Order::Desc)
        .limit(MOST_MERGES)
        .all()
        .await?)
}

/// More merges into one customer are not told.
const MOST_MERGES: u64 = 100;
