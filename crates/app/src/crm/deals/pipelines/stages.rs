//! The stages of a pipeline as a client writes them, and what becomes of deals whose stage goes.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Problem;
use platform::{
    db::{ReadTx, WriteTx},
    http::fields::{Faults, Lines},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, FromQueryResult, IntoActiveModel, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::store::{self, stage};
use crate::crm::deals::{actions, place, store as deals};

const MAX_NAME_CHARS: usize = 60;
const MOST_STAGES: usize = 30;

/// A stage as a client writes it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PipelineStageBody)]
#[serde(deny_unknown_fields)]
pub struct StageBody {
    /// None for a new one.
    #[serde(default)]
    pub id: Option<i64>,
    pub name: String,
    /// In percent, 0 to 100.
    #[serde(default)]
    pub probability: i32,
}

/// 422 for names and probabilities that can not be, for none, and for too many.
pub fn checked(stages: Vec<StageBody>) -> Result<Vec<StageBody>, Problem> {
    let mut faults = Faults::default();
    if stages.is_empty() || stages.len() > MOST_STAGES {
        faults.add("stages", "out_of_range", format!("has 1 to {MOST_STAGES} stages"));
    }
    let mut ids = BTreeSet::new();
    let mut clean = Vec::new();
    for (at, mut stage) in stages.into_iter().enumerate().take(MOST_STAGES) {
        let field = format!("stages[{at}].name");
        match faults.text(&field, &stage.name, MAX_NAME_CHARS, Lines::One) {
            Some(name) => stage.name = name,
            None if stage.name.trim().is_empty() => faults.add(&field, "required", "is required"),
            None => {}
        }
        if !(0..=100).contains(&stage.probability) {
            faults.add(&format!("stages[{at}].probability"), "out_of_range", "is from 0 to 100");
        }
        if stage.id.is_some_and(|id| !ids.insert(id)) {
            faults.add(&format!("stages[{at}].id"), "repeated", "stands there twice");
        }
        clean.push(stage);
    }
    faults.done()?;
    Ok(clean)
}

/// New stages of a new pipeline.
pub async fn make(tx: &WriteTx, pipeline: i64, stages: &[StageBody]) -> Result<(), Problem> {
    if let Some(at) = stages.iter().position(|stage| stage.id.is_some()) {
        let field = format!("stages[{at}].id");
        return Err(Problem::invalid(
            &field,
            "unknown_stage",
            "a new pipeline has new stages",
        ));
    }
    for (stage, position) in stages.iter().zip(0..) {
        tx.insert(row(pipeline, stage, position)).await?;
    }
    Ok(())
}

fn row(pipeline: i64, stage: &StageBody, position: i32) -> stage::ActiveModel {
    stage::ActiveModel {
        pipeline_id: Set(pipeline),
        name: Set(stage.name.clone()),
        probability: Set(stage.probability),
        position: Set(position),
        ..Default::default()
    }
}

/// Makes the pipeline's stages these, in this order. Deals of those that go move to `move_to`; without it 409
/// `stage_in_use`. Says whether anything changed.
pub async fn replace(tx: &WriteTx, pipeline: i64, wanted: &[StageBody], move_to: Option<i64>) -> Result<bool, Problem> {
    let before = store::stages_of(tx, [pipeline]).await?;
    let known: BTreeMap<i64, &stage::Model> = before.iter().map(|stage| (stage.id, stage)).collect();
    let mut changed = false;
    for (at, (stage, position)) in wanted.iter().zip(0..).enumerate() {
        let Some(id) = stage.id else {
            tx.insert(row(pipeline, stage, position)).await?;
            changed = true;
            continue;
        };
        let was = known.get(&id).ok_or_else(|| {
            let field = format!("stages[{at}].id");
            Problem::invalid(&field, "unknown_stage", "is not a stage of this pipeline")
        })?;
        if (was.name.as_str(), was.probability, was.position) != (stage.name.as_str(), stage.probability, position) {
            let mut row = (*was).clone().into_active_model();
            row.name = Set(stage.name.clone());
            row.probability = Set(stage.probability);
            row.position = Set(position);
            tx.update(row).await?;
            changed = true;
        }
    }
    let stay: BTreeSet<i64> = wanted.iter().filter_map(|stage| stage.id).collect();
    let go: Vec<&stage::Model> = before.iter().filter(|stage| !stay.contains(&stage.id)).collect();
    if !go.is_empty() {
        take_away(tx, &go, move_to).await?;
        changed = true;
    }
    Ok(changed)
}

#[derive(FromQueryResult)]
struct InStage {
    stage_id: i64,
    deals: i64,
}

/// How many deals of any status stand in these stages.
async fn deals_in(tx: &ReadTx, stages: &[&stage::Model]) -> Result<BTreeMap<i64, i64>, Problem> {
    let rows: Vec<InStage> = tx
        .find::<deals::Entity>()
        .filter(deals::Column::StageId.is_in(stages.iter().map(|stage| stage.id)))
        .map(|select| {
            select
                .select_only()
                .column(deals::Column::StageId)
                .column_as(deals::Column::Id.count(), "deals")
                .group_by(deals::Column::StageId)
        })
        .all_as()
        .await?;
    Ok(rows.into_iter().map(|row| (row.stage_id, row.deals)).collect())
}

/// Takes stages away. Their deals move to `move_to`; without it 409 `stage_in_use`, which names them.
pub async fn take_away(tx: &WriteTx, stages: &[&stage::Model], move_to: Option<i64>) -> Result<(), Problem> {
    let full = deals_in(tx, stages).await?;
    if !full.is_empty() {
        let Some(target) = move_to else {
            let named = stages.iter().filter_map(|stage| {
                let deals = full.get(&stage.id)?;
                Some(json!({ "id": stage.id, "name": stage.name, "deals": deals }))
            });
            return Err(
                Problem::conflict("stage_in_use", "there are deals in it: name a stage with move_to")
                    .with("stages", named.collect::<Vec<_>>().into()),
            );
        };
        let target = store::stage(tx, "move_to", target).await?;
        if stages.iter().any(|stage| stage.id == target.id) {
            return Err(Problem::invalid("move_to", "goes_too", "is a stage that goes, too"));
        }
        for stage in stages.iter().filter(|stage| full.contains_key(&stage.id)) {
            place::below_all(tx, target.id, stage.id).await?;
            actions::move_all(tx, stage, &target).await?;
        }
    }
    tx.delete_many::<stage::Entity>()?
        .filter(stage::Column::Id.is_in(stages.iter().map(|stage| stage.id)))
        .exec()
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_checked_together() {
        let read = |stages: serde_json::Value| {
            let stages: Vec<StageBody> = serde_json::from_value(stages).expect("stages");
            checked(stages).map(|stages| stages.len()).map_err(|problem| {
                let fields: Vec<String> = problem.errors.into_iter().map(|error| error.field).collect();
                fields.join(" ")
            })
        };
        assert_eq!(
            read(json!([{"name": "a"}, {"id": 3, "name": "b", "probability": 100}])),
            Ok(2)
        );
        assert_eq!(read(json!([])), Err("stages".to_owned()));
        assert_eq!(
            read(json!([{"name": " "}, {"id": 3, "name": "b", "probability": 101}, {"id": 3, "name": "c"}])),
            Err("stages[0].name stages[1].probability stages[2].id".to_owned())
        );
    }
}
