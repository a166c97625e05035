//! Table `push_subscriptions`: one row for each browser that may be pushed to.

use contracts::push::Target;
use kernel::Problem;
use platform::db::{AuditEntry, DbError, Owned, ReadTx, SystemTx, WriteTx};
use sea_orm::{ActiveValue::Set, Order, QueryFilter, entity::prelude::*};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "push_subscriptions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub user_id: i64,
    /// A secret: who knows it can send there.
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    pub user_agent: Option<String>,
    pub created_at: DateTimeUtc,
    pub last_sent_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

impl Model {
    pub fn target(&self) -> Target {
        Target {
            endpoint: self.endpoint.clone(),
            p256dh: self.p256dh.clone(),
            auth: self.auth.clone(),
        }
    }
}

/// More devices than this nobody uses: the oldest gives way.
const MOST_DEVICES: usize = 20;

/// The devices of these people.
pub async fn of_users(tx: &ReadTx, users: impl Iterator<Item = i64>) -> Result<Vec<Model>, Problem> {
    let mut users: Vec<i64> = users.collect();
    users.sort_unstable();
    users.dedup();
    if users.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .find::<Entity>()
        .filter(Column::UserId.is_in(users))
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?)
}

/// Takes a browser away from whoever had it before, in whatever business: it has changed hands.
pub async fn free(tx: &SystemTx, endpoint: &str, user_id: i64) -> Result<(), DbError> {
    Entity::delete_many()
        .filter(Column::Endpoint.eq(endpoint))
        .filter(Column::UserId.ne(user_id))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Registers a browser, or writes its new keys.
pub async fn register(
    tx: &WriteTx,
    user_id: i64,
    target: Target,
    user_agent: Option<String>,
) -> Result<Model, Problem> {
    let row = ActiveModel {
        user_id: Set(user_id),
        endpoint: Set(target.endpoint),
        p256dh: Set(target.p256dh),
        auth: Set(target.auth),
        user_agent: Set(user_agent),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut in_place = sea_orm::sea_query::OnConflict::column(Column::Endpoint);
    in_place.update_columns([Column::P256dh, Column::Auth, Column::UserAgent]);
    let device = tx.insert_or(row, in_place).await?.ok_or_else(Problem::internal)?;
    let mut all = of_users(tx, std::iter::once(user_id)).await?;
    let surplus = all.len().saturating_sub(MOST_DEVICES);
    let old: Vec<i64> = all.drain(..surplus).map(|device| device.id).collect();
    remove(tx, &old).await?;
    tx.audit(AuditEntry {
        action: "push.subscribed",
        record_type: "push_subscription",
        record_id: Some(device.id),
        changes: json!({}),
    })
    .await?;
    Ok(device)
}

/// Ends a person's subscription of one browser; one that is not there is no fault.
pub async fn end(tx: &WriteTx, user_id: i64, endpoint: &str) -> Result<(), Problem> {
    let found = tx
        .find::<Entity>()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Endpoint.eq(endpoint))
        .one()
        .await?;
    let Some(device) = found else {
        return Ok(());
    };
    remove(tx, &[device.id]).await?;
    tx.audit(AuditEntry {
        action: "push.unsubscribed",
        record_type: "push_subscription",
        record_id: Some(device.id),
        changes: json!({}),
    })
    .await?;
    Ok(())
}

/// Forgets devices: their push service does not know them any more, or their person is gone.
pub async fn remove(tx: &WriteTx, ids: &[i64]) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    tx.delete_many::<Entity>()?
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec()
        .await?;
    Ok(())
}
