//! How a deal moves on: from stage to stage, to its end, and open again.

use kernel::{Permission, Problem};
use platform::{db::WriteTx, http::IfMatch};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Map, json};

use super::{
    actions::{into_stage, save},
    history,
    model::Status,
    pipelines,
    place::{self, Next},
    store::{self, Model},
};

/// Puts an open deal into a stage, next to another deal or on top. 409 `deal_closed`; 422 for a stage or neighbour that
/// is not there.
pub async fn put(tx: &WriteTx, id: i64, seen: &IfMatch, stage: i64, next: Next) -> Result<Model, Problem> {
    tx.scope().require(Permission::DealsWrite)?;
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    if matches!(next, Next::Before(other) | Next::After(other) if other == id) {
        return Err(Problem::invalid(
            "after_id",
            "itself",
            "a deal does not stand next to itself",
        ));
    }
    let into = pipelines::store::stage(tx, "stage_id", stage).await?;
    let mut row = before.clone().into_active_model();
    into_stage(tx, &before, &mut row, &into, next).await?;
    let position = *row.position.as_ref();
    let mut changes = Map::new();
    if into.id != before.stage_id {
        changes.insert("stage_id".to_owned(), json!({ "from": before.stage_id, "to": into.id }));
    } else if position != before.position {
        changes.insert(
            "position".to_owned(),
            json!({ "from": before.position, "to": position }),
        );
    }
    let after = save(tx, before.clone(), row, "deal.moved", changes).await?;
    if after.stage_id != before.stage_id {
        let from = pipelines::store::stage(tx, "stage_id", before.stage_id).await?;
        history::write(tx, Some((&before, &from)), &after, &into).await?;
    }
    Ok(after)
}

/// Marks an open deal as won; one that is won already stays as it is. 409 `deal_closed` for one that was lost.
pub async fn win(tx: &WriteTx, id: i64, seen: &IfMatch) -> Result<Model, Problem> {
    close(tx, id, seen, Status::Won, None).await
}

/// Marks an open deal as lost; one that is lost for this reason already stays as it is. 409 `deal_closed` for one that was
/// won.
pub async fn lose(tx: &WriteTx, id: i64, seen: &IfMatch, reason: String) -> Result<Model, Problem> {
    close(tx, id, seen, Status::Lost, Some(reason)).await
}

async fn close(tx: &WriteTx, id: i64, seen: &IfMatch, end: Status, reason: Option<String>) -> Result<Model, Problem> {
    tx.scope().require(Permission::DealsWrite)?;
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    if before.status == end.as_str() && before.lost_reason == reason {
        return Ok(before);
    }
    if before.status != Status::Open.as_str() && before.status != end.as_str() {
        return Err(Problem::conflict(
            "deal_closed",
            "it ended otherwise: open it again first",
        ));
    }
    let mut row = before.clone().into_active_model();
    row.status = Set(end.as_str().to_owned());
    row.lost_reason = Set(reason);
    row.closed_at = Set(before.closed_at.or(Some(tx.now())));
    let action = if end == Status::Won { "deal.won" } else { "deal.lost" };
    step(tx, before, row, action).await
}

/// Opens a deal again, on top of its stage; one that is open already stays as it is.
pub async fn reopen(tx: &WriteTx, id: i64, seen: &IfMatch) -> Result<Model, Problem> {
    tx.scope().require(Permission::DealsWrite)?;
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    if before.status == Status::Open.as_str() {
        return Ok(before);
    }
    let mut row = before.clone().into_active_model();
    row.status = Set(Status::Open.as_str().to_owned());
    row.lost_reason = Set(None);
    row.closed_at = Set(None);
    row.position = Set(place::of(tx, before.stage_id, Some(id), Next::Top).await?);
    step(tx, before, row, "deal.reopened").await
}

/// A change of status, in the stage where the deal is.
async fn step(tx: &WriteTx, before: Model, row: store::ActiveModel, action: &'static str) -> Result<Model, Problem> {
    let mut changes = Map::new();
    changes.insert(
        "status".to_owned(),
        json!({ "from": before.status, "to": row.status.as_ref() }),
    );
    let after = save(tx, before.clone(), row, action, changes).await?;
    let stage = pipelines::store::stage(tx, "stage_id", before.stage_id).await?;
    history::write(tx, Some((&before, &stage)), &after, &stage).await?;
    Ok(after)
}
