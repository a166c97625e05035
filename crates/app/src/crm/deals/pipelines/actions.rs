//! What is done to pipelines, each in the caller's transaction with its audit entry.

use kernel::{Permission, Problem};
use platform::{
    db::{AuditEntry, WriteTx},
    http::{
        IfMatch,
        fields::{Faults, Lines},
    },
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, sea_query::Expr};
use serde_json::{Value, json};

use super::{
    stages::{self, StageBody},
    store::{self, ActiveModel, Column, Entity, Model},
    usual,
};

const MAX_NAME_CHARS: usize = 60;
const MOST_PIPELINES: u64 = 50;

/// A pipeline's checked fields.
#[derive(Debug, Default)]
pub struct Fields {
    pub name: Option<String>,
    pub position: Option<i32>,
    pub is_default: Option<bool>,
    pub stages: Option<Vec<StageBody>>,
    /// A stage for the deals of those that go.
    pub move_to: Option<i64>,
}

/// A name that is given; 400 when it is blank.
pub fn name(text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let mut faults = Faults::default();
    let name = faults.text("name", text, MAX_NAME_CHARS, Lines::One);
    faults.done()?;
    name.map(Some)
        .ok_or_else(|| Problem::malformed("name_required", "name is required"))
}

/// A new pipeline with its stages. 409 `too_many`.
pub async fn create(tx: &WriteTx, fields: Fields) -> Result<Model, Problem> {
    tx.scope().require(Permission::PipelinesWrite)?;
    usual(tx).await?;
    let many = tx.find::<Entity>().count().await?;
    if many >= MOST_PIPELINES {
        let most = format!("a business has {MOST_PIPELINES} pipelines at most");
        return Err(Problem::conflict("too_many", most));
    }
    let name = fields
        .name
        .ok_or_else(|| Problem::malformed("name_required", "name is required"))?;
    let wanted = fields.stages.ok_or_else(|| Problem::missing("stages"))?;
    if fields.is_default == Some(true) {
        no_default(tx).await?;
    }
    let row = ActiveModel {
        name: Set(name),
        position: Set(fields
            .position
            .unwrap_or_else(|| i32::try_from(many).unwrap_or(i32::MAX))),
        is_default: Set(fields.is_default.unwrap_or_default()),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let pipeline = tx.insert(row).await?;
    stages::make(tx, pipeline.id, &wanted).await?;
    let changes = json!({ "name": pipeline.name, "stages": wanted.len() });
    tell(tx, &pipeline, "pipeline.created", changes).await?;
    Ok(pipeline)
}

/// Changes what is mentioned. `stages` is all of them, in their order.
pub async fn update(tx: &WriteTx, id: i64, seen: &IfMatch, fields: Fields) -> Result<Model, Problem> {
    tx.scope().require(Permission::PipelinesWrite)?;
    let before = locked(tx, id).await?;
    seen.check(before.version)?;
    if before.is_default && fields.is_default == Some(false) {
        let how = "make another one the usual pipeline instead";
        return Err(Problem::invalid("is_default", "needs_one", how));
    }
    let mut changes = serde_json::Map::new();
    let mut row = before.clone().into_active_model();
    if let Some(name) = fields.name.filter(|name| *name != before.name) {
        changes.insert("name".to_owned(), json!({ "from": before.name, "to": name }));
        row.name = Set(name);
    }
    if let Some(position) = fields.position.filter(|position| *position != before.position) {
        changes.insert(
            "position".to_owned(),
            json!({ "from": before.position, "to": position }),
        );
        row.position = Set(position);
    }
    if fields.is_default == Some(true) && !before.is_default {
        no_default(tx).await?;
        changes.insert("is_default".to_owned(), json!({ "from": false, "to": true }));
        row.is_default = Set(true);
    }
    if let Some(wanted) = &fields.stages
        && stages::replace(tx, id, wanted, fields.move_to).await?
    {
        changes.insert("stages".to_owned(), json!({ "changed": true }));
    }
    if changes.is_empty() {
        return Ok(before);
    }
    row.version = Set(before.version + 1);
    row.updated_at = Set(tx.now());
    let after = tx.update(row).await?;
    tell(tx, &after, "pipeline.updated", Value::Object(changes)).await?;
    Ok(after)
}

/// Takes a pipeline away. Its deals move to the stage `move_to`; without it 409 `stage_in_use`. The usual one stays: 409
/// `default_pipeline`.
pub async fn delete(tx: &WriteTx, id: i64, seen: &IfMatch, move_to: Option<i64>) -> Result<(), Problem> {
    tx.scope().require(Permission::PipelinesWrite)?;
    let pipeline = locked(tx, id).await?;
    seen.check(pipeline.version)?;
    if pipeline.is_default {
        let why = "this is the usual pipeline: make another one so first";
        return Err(Problem::conflict("default_pipeline", why));
    }
    let all = store::stages_of(tx, [id]).await?;
    stages::take_away(tx, &all.iter().collect::<Vec<_>>(), move_to).await?;
    tx.delete_many::<Entity>()?.filter(Column::Id.eq(id)).exec().await?;
    tell(tx, &pipeline, "pipeline.deleted", json!({ "name": pipeline.name })).await
}

async fn locked(tx: &WriteTx, id: i64) -> Result<Model, Problem> {
    tx.find::<Entity>()
        .by_id(id)
        .lock()
        .one()
        .await?
        .ok_or_else(Problem::not_found)
}

async fn no_default(tx: &WriteTx) -> Result<(), Problem> {
    tx.update_many::<Entity>()?
        .col(Column::IsDefault, false)
        .col_expr(Column::Version, sea_orm::ExprTrait::add(Expr::col(Column::Version), 1))
        .filter(Column::IsDefault.eq(true))
        .exec()
        .await?;
    Ok(())
}

async fn tell(tx: &WriteTx, pipeline: &Model, action: &'static str, changes: Value) -> Result<(), Problem> {
    tx.emit(Event {
        room: Room::Business,
        name: "pipeline:updated",
        payload: json!({ "pipeline_id": pipeline.id, "name": pipeline.name }),
    })
    .await?;
    tx.audit(AuditEntry {
        action,
        record_type: "pipeline",
        record_id: Some(pipeline.id),
        changes,
    })
    .await?;
    Ok(())
}
