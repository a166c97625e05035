//! What is done to deals, each in the caller's transaction with its history, timeline event, outgoing event and audit
//! entry. How a deal moves on and ends stands in [`super::progress`].

use kernel::{CustomerId, Permission, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::IfMatch,
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, Order, sea_query::Expr};
use serde_json::{Map, Value, json};

use super::{
    history,
    model::{Fields, Status, USUAL_CURRENCY},
    pipelines::{self, store::stage},
    place::{self, Next},
    store::{self, ActiveModel, Column, Entity, Model, change},
    view,
};
use crate::{
    accounts::users,
    crm::{customers, tasks},
    timeline,
};

/// Deals whose place on the timeline is written anew in one statement.
const AT_ONCE: u64 = 500;

/// A new deal, on top of its stage. 422 for a customer, owner or stage that is not in this business.
pub async fn create(tx: &WriteTx, fields: Fields) -> Result<Model, Problem> {
    tx.scope().require(Permission::DealsWrite)?;
    let title = fields.title.clone().ok_or_else(|| Problem::missing("title"))?;
    check_people(tx, fields.customer_id.flatten(), fields.owner_id.flatten()).await?;
    let stage = match target(tx, &fields).await? {
        Some(stage) => stage,
        None => first_stage(tx, pipelines::usual(tx).await?.id).await?,
    };
    let now = tx.now();
    let row = ActiveModel {
        title: Set(title),
        customer_id: Set(fields.customer_id.flatten()),
        pipeline_id: Set(stage.pipeline_id),
        stage_id: Set(stage.id),
        position: Set(place::of(tx, stage.id, None, Next::Top).await?),
        amount_minor: Set(fields.amount_minor.flatten()),
        currency: Set(fields.currency.unwrap_or_else(|| USUAL_CURRENCY.to_owned())),
        expected_close: Set(fields.expected_close.flatten()),
        owner_id: Set(fields.owner_id.unwrap_or_else(|| tx.scope().person().map(i64::from))),
        status: Set(Status::Open.as_str().to_owned()),
        stage_since: Set(now),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let deal = tx.insert(row).await?;
    history::write(tx, None, &deal, &stage).await?;
    tell(tx, &deal, "deal.created", json!({ "stage_id": deal.stage_id })).await?;
    Ok(deal)
}

/// The stage that is named, or the first of the pipeline that is; none when neither is.
async fn target(tx: &WriteTx, fields: &Fields) -> Result<Option<stage::Model>, Problem> {
    match (fields.pipeline_id, fields.stage_id) {
        (None, None) => Ok(None),
        (Some(pipeline), None) => Ok(Some(first_stage(tx, pipeline).await?)),
        (pipeline, Some(id)) => {
            let stage = pipelines::store::stage(tx, "stage_id", id).await?;
            if pipeline.is_some_and(|pipeline| pipeline != stage.pipeline_id) {
                let what = "is not a stage of that pipeline";
                return Err(Problem::invalid("stage_id", "unknown_stage", what));
            }
            Ok(Some(stage))
        }
    }
}

async fn first_stage(tx: &WriteTx, pipeline: i64) -> Result<stage::Model, Problem> {
    let stages = tx
        .find::<stage::Entity>()
        .filter(stage::Column::PipelineId.eq(pipeline));
    let first = stages
        .order_by(stage::Column::Position, Order::Asc)
        .limit(1)
        .one()
        .await?;
    first.ok_or_else(|| Problem::invalid("pipeline_id", "unknown_pipeline", "is not a pipeline of this business"))
}

async fn check_people(tx: &WriteTx, customer: Option<i64>, owner: Option<i64>) -> Result<(), Problem> {
    if let Some(customer) = customer
        && customers::store::visible(tx).by_id(customer).one().await?.is_none()
    {
        let what = "is not a customer of this business";
        return Err(Problem::invalid("customer_id", "unknown_customer", what));
    }
    if let Some(owner) = owner
        && tx.find::<users::store::Entity>().by_id(owner).one().await?.is_none()
    {
        return Err(Problem::invalid(
            "owner_id",
            "unknown_user",
            "is not a user of this business",
        ));
    }
    Ok(())
}

/// Changes what is mentioned. 412 `stale`; nothing is written when nothing changes. Another stage: on top of it, and 409
/// `deal_closed` for a deal that is won or lost.
pub async fn update(tx: &WriteTx, id: i64, seen: &IfMatch, fields: Fields) -> Result<Model, Problem> {
    tx.scope().require(Permission::DealsWrite)?;
    let before = store::locked(tx, id).await?;
    seen.check(before.version)?;
    may_touch(tx, &before, &fields)?;
    check_people(tx, fields.customer_id.flatten(), fields.owner_id.flatten()).await?;
    let stage = target(tx, &fields).await?.filter(|stage| {
        // a pipeline that is named alone, and is the deal's already, moves nothing
        let stays = fields.stage_id.is_none() && stage.pipeline_id == before.pipeline_id;
        stage.id != before.stage_id && !stays
    });
    let mut row = before.clone().into_active_model();
    let mut changes = Map::new();
    macro_rules! take {
        ($($field:ident: $value:expr),* $(,)?) => {$(
            if let Some(value) = $value && value != before.$field {
                changes.insert(stringify!($field).to_owned(), json!({ "from": before.$field, "to": value }));
                row.$field = Set(value);
            }
        )*};
    }
    take! {
        title: fields.title,
        customer_id: fields.customer_id,
        amount_minor: fields.amount_minor,
        currency: fields.currency,
        expected_close: fields.expected_close,
        owner_id: fields.owner_id,
    }
    if let Some(title) = changes.get_mut("title") {
        // what may name a customer does not go into the audit log, which is never rewritten
        *title = json!({ "changed": true });
    }
    if let Some(stage) = &stage {
        into_stage(tx, &before, &mut row, stage, Next::Top).await?;
        changes.insert(
            "stage_id".to_owned(),
            json!({ "from": before.stage_id, "to": stage.id }),
        );
    }
    let after = save(tx, before.clone(), row, "deal.updated", changes).await?;
    if let Some(stage) = &stage {
        let from = pipelines::store::stage(tx, "stage_id", before.stage_id).await?;
        history::write(tx, Some((&before, &from)), &after, stage).await?;
    }
    Ok(after)
}

/// Who does not see what another's deal is worth neither sets it nor takes the deal over to see it.
fn may_touch(tx: &WriteTx, deal: &Model, fields: &Fields) -> Result<(), Problem> {
    let touches = fields.amount_minor.is_some() || fields.currency.is_some() || fields.owner_id.is_some();
    if touches && !view::sees_amount(tx.scope(), deal.owner_id) {
        return Err(Problem::forbidden(
            "the amount and owner of another's deal are not yours to change",
        ));
    }
    Ok(())
}

/// Puts the row of an open deal into a stage. 409 `deal_closed`.
pub(super) async fn into_stage(
    tx: &WriteTx,
    before: &Model,
    row: &mut ActiveModel,
    stage: &stage::Model,
    next: Next,
) -> Result<(), Problem> {
    if before.status != Status::Open.as_str() {
        return Err(Problem::conflict(
            "deal_closed",
            "a deal that is won or lost stays where it is",
        ));
    }
    row.position = Set(place::of(tx, stage.id, Some(before.id), next).await?);
    if stage.id != before.stage_id {
        row.pipeline_id = Set(stage.pipeline_id);
        row.stage_id = Set(stage.id);
        row.stage_since = Set(tx.now());
    }
    Ok(())
}

/// Takes a deal away for good, with its history and its place on the timeline. Its tasks stay.
pub async fn delete(tx: &WriteTx, id: i64, seen: &IfMatch) -> Result<(), Problem> {
    tx.scope().require(Permission::DealsDelete)?;
    let deal = store::locked(tx, id).await?;
    seen.check(deal.version)?;
    tx.update_many::<tasks::store::Entity>()?
        .col(tasks::store::Column::DealId, None::<i64>)
        .col_expr(
            tasks::store::Column::Version,
            sea_orm::ExprTrait::add(Expr::col(tasks::store::Column::Version), 1),
        )
        .filter(tasks::store::Column::DealId.eq(id))
        .exec()
        .await?;
    tx.delete_many::<change::Entity>()?
        .filter(change::Column::DealId.eq(id))
        .exec()
        .await?;
    tx.delete_many::<Entity>()?.filter(Column::Id.eq(id)).exec().await?;
    timeline::take_out(tx, "deal", &id.to_string()).await?;
    let mut gone = updated(&deal);
    if let Some(payload) = gone.payload.as_object_mut() {
        payload.insert("status".to_owned(), json!("deleted"));
    }
    tx.emit(gone).await?;
    tx.audit(AuditEntry {
        action: "deal.deleted",
        record_type: "deal",
        record_id: Some(id),
        changes: json!({ "status": deal.status, "amount_minor": deal.amount_minor, "currency": deal.currency }),
    })
    .await?;
    Ok(())
}

pub(super) async fn save(
    tx: &WriteTx,
    before: Model,
    mut row: ActiveModel,
    action: &'static str,
    changes: Map<String, Value>,
) -> Result<Model, Problem> {
    if changes.is_empty() {
        return Ok(before);
    }
    row.version = Set(before.version + 1);
    row.updated_at = Set(tx.now());
    let after = tx.update(row).await?;
    if after.customer_id.is_none() && before.customer_id.is_some() {
        timeline::take_out(tx, "deal", &after.id.to_string()).await?;
    }
    tell(tx, &after, action, Value::Object(changes)).await?;
    Ok(after)
}

/// Timeline, screens and audit.
async fn tell(tx: &WriteTx, deal: &Model, action: &'static str, changes: Value) -> Result<(), Problem> {
    timeline::put_all(tx, event(deal).into_iter().collect()).await?;
    tx.emit(updated(deal)).await?;
    tx.audit(AuditEntry {
        action,
        record_type: "deal",
        record_id: Some(deal.id),
        changes,
    })
    .await?;
    Ok(())
}

/// `deal:updated`: lists and boards show it anew. Without the amount, which not everybody sees.
fn updated(deal: &Model) -> Event {
    Event {
        room: Room::Business,
        name: "deal:updated",
        payload: json!({
            "deal_id": deal.id,
            "title": deal.title,
            "customer_id": deal.customer_id,
            "owner_id": deal.owner_id,
            "pipeline_id": deal.pipeline_id,
            "stage_id": deal.stage_id,
            "status": deal.status,
        }),
    }
}

/// A deal's one row in its customer's timeline: where it was made, with what has become of it.
fn event(deal: &Model) -> Option<timeline::Entry> {
    Some(timeline::Entry {
        customer_id: CustomerId::new(deal.customer_id?),
        kind: "deal",
        ref_id: deal.id.to_string(),
        title: deal.title.clone(),
        ts: deal.created_at,
        data: json!({
            "status": deal.status,
            "pipeline_id": deal.pipeline_id,
            "stage_id": deal.stage_id,
            "amount_minor": deal.amount_minor,
            "currency": deal.currency,
            "expected_close": deal.expected_close,
            "owner_id": deal.owner_id,
            "lost_reason": deal.lost_reason,
            "closed_at": deal.closed_at,
        }),
    })
}

/// All deals of a stage that goes come into another one; the entry in the audit log is the caller's.
pub(super) async fn move_all(tx: &WriteTx, from: &stage::Model, into: &stage::Model) -> Result<(), Problem> {
    let now = tx.now();
    let there = tx.rows("deals")?.with("stage_id", from.id);
    for status in [Status::Open, Status::Won, Status::Lost].map(Status::as_str) {
        let values = vec![
            ("at", now.into()),
            ("by_id", tx.scope().person().map(i64::from).into()),
            ("from_stage_id", from.id.into()),
            ("from_stage", from.name.clone().into()),
            ("to_stage_id", into.id.into()),
            ("to_stage", into.name.clone().into()),
            ("from_status", status.into()),
            ("to_status", status.into()),
        ];
        let of_status = tx.rows("deals")?.with("stage_id", from.id).with("status", status);
        of_status.note_in("deal_changes", "deal_id", values).await?;
    }
    let mut last = 0;
    loop {
        let deals = tx
            .find::<Entity>()
            .filter(Column::StageId.eq(from.id))
            .filter(Column::Id.gt(last));
        let mut deals = deals.order_by(Column::Id, Order::Asc).limit(AT_ONCE).all().await?;
        let Some(end) = deals.last() else { break };
        last = end.id;
        for deal in &mut deals {
            deal.pipeline_id = into.pipeline_id;
            deal.stage_id = into.id;
        }
        timeline::put_all(tx, deals.iter().filter_map(event).collect()).await?;
    }
    there.add("version", 1).await?;
    let values = vec![
        ("pipeline_id", into.pipeline_id.into()),
        ("stage_id", into.id.into()),
        ("stage_since", now.into()),
        ("updated_at", now.into()),
    ];
    there.set(values).await?;
    Ok(())
}
