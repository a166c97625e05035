//! Each step of a deal: who, when, from where to where. Written in the transaction of the step.

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::{ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, Order};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    pipelines::store::stage,
    store::{
        Model,
        change::{ActiveModel, Column, Entity, Model as Change},
    },
};

/// More steps than a deal goes through; only the newest of more are told.
const MOST: u64 = 500;

/// A step of a deal. Stages keep the names that they had then.
#[derive(Serialize, ToSchema)]
#[schema(as = DealChange)]
pub struct ChangeView {
    pub at: DateTime<Utc>,
    /// Null where no person did it.
    pub by_id: Option<i64>,
    /// Null where the deal begins.
    pub from_stage_id: Option<i64>,
    pub from_stage: Option<String>,
    pub to_stage_id: i64,
    pub to_stage: String,
    pub from_status: Option<String>,
    /// `open`, `won` or `lost`.
    pub to_status: String,
    /// Why it was lost.
    pub reason: Option<String>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            at: change.at,
            by_id: change.by_id,
            from_stage_id: change.from_stage_id,
            from_stage: change.from_stage,
            to_stage_id: change.to_stage_id,
            to_stage: change.to_stage,
            from_status: change.from_status,
            to_status: change.to_status,
            reason: change.reason,
        }
    }
}

/// Writes a step down. `from` is none where the deal begins.
pub async fn write(
    tx: &WriteTx,
    from: Option<(&Model, &stage::Model)>,
    deal: &Model,
    into: &stage::Model,
) -> Result<(), Problem> {
    let row = ActiveModel {
        deal_id: Set(deal.id),
        at: Set(tx.now()),
        by_id: Set(tx.scope().person().map(i64::from)),
        from_stage_id: Set(from.map(|(_, stage)| stage.id)),
        from_stage: Set(from.map(|(_, stage)| stage.name.clone())),
        to_stage_id: Set(into.id),
        to_stage: Set(into.name.clone()),
        from_status: Set(from.map(|(before, _)| before.status.clone())),
        to_status: Set(deal.status.clone()),
        reason: Set(deal.lost_reason.clone()),
        ..Default::default()
    };
    tx.insert(row).await?;
    Ok(())
}

/// What a deal went through, the newest first.
pub async fn of(tx: &ReadTx, deal: i64) -> Result<Vec<ChangeView>, Problem> {
    let changes = tx
        .find::<Entity>()
        .filter(Column::DealId.eq(deal))
        .order_by(Column::At, Order::Desc)
        .order_by(Column::Id, Order::Desc)
        .limit(MOST)
        .all()
        .await?;
    Ok(changes.into_iter().map(ChangeView::from).collect())
}
