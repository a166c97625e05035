//! The table `timeline_events` and its one query.

use kernel::{CustomerId, Problem};
use platform::db::{Owned, ReadTx};
use sea_orm::{
    Condition, FromQueryResult, Order, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, IntoCondition, SelectStatement},
};

use super::cursor::Cursor;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub customer_id: i64,
    pub kind: String,
    pub ref_id: String,
    pub title: String,
    pub data: Json,
    pub ts: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// An event as it is shown.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Shown {
    pub id: i64,
    pub kind: String,
    pub ref_id: String,
    pub title: String,
    /// The JSON as it stands: it goes out as it is.
    pub data: String,
    pub ts: DateTimeUtc,
}

/// What is asked of a customer's events.
pub struct Ask {
    pub customer: CustomerId,
    /// None means all.
    pub kinds: Vec<&'static str>,
    pub before: Option<Cursor>,
    pub limit: usize,
    /// Kinds, each with the query of those `ref_id`s of it that the actor may not see.
    pub hidden: Vec<(&'static str, SelectStatement)>,
}

/// A customer's events older than `before`, newest first; of these kinds, or of all when there are none.
///
/// Each kind is read along its own index and the few rows are merged here, so that a rare kind among 100,000 other
/// events costs no more than a common one.
pub async fn newest(tx: &ReadTx, ask: &Ask) -> Result<Vec<Shown>, Problem> {
    if ask.kinds.is_empty() {
        return read(tx, ask, None).await;
    }
    let mut events = Vec::new();
    for kind in &ask.kinds {
        events.extend(read(tx, ask, Some(kind)).await?);
    }
    events.sort_by_key(|event| std::cmp::Reverse((event.ts, event.id)));
    events.truncate(ask.limit);
    Ok(events)
}

async fn read(tx: &ReadTx, ask: &Ask, kind: Option<&str>) -> Result<Vec<Shown>, Problem> {
    let mut find = tx.find::<Entity>().filter(Column::CustomerId.eq(ask.customer.get()));
    for (of, hidden) in &ask.hidden {
        let shown = Condition::any()
            .add(Column::Kind.ne(*of))
            .add(Column::RefId.not_in_subquery(hidden.clone()));
        find = find.filter(shown);
    }
    if let Some(kind) = kind {
        find = find.filter(Column::Kind.eq(kind));
    }
    if let Some(before) = ask.before {
        find = find.filter(older_than(before));
    }
    Ok(find
        .order_by(Column::Ts, Order::Desc)
        .order_by(Column::Id, Order::Desc)
        .limit(u64::try_from(ask.limit).unwrap_or(u64::MAX))
        .map(shown)
        .all_as::<Shown>()
        .await?)
}

fn shown(select: Select<Entity>) -> Select<Entity> {
    let data = Column::Data.into_expr().cast_as("TEXT");
    select
        .select_only()
        .columns([Column::Id, Column::Kind, Column::RefId, Column::Title, Column::Ts])
        .column_as(data, "data")
}

/// One comparison of pairs, which both databases answer from the index.
fn older_than(cursor: Cursor) -> impl IntoCondition {
    let row = Expr::tuple([Column::Ts.into_expr(), Column::Id.into_expr()]);
    ExprTrait::lt(row, Expr::tuple([Expr::val(cursor.ts), Expr::val(cursor.id)]))
}
