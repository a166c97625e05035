//! The pipeline that every business has from the first.

use kernel::Problem;
use platform::db::{AuditEntry, Db, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, sea_query::OnConflict};
use serde_json::json;

use super::store::{ActiveModel, Column, Entity, Model, stage};

const NAME: &str = "מכירות";
/// With how likely a deal there is to be won, in percent.
const STAGES: [(&str, i32); 5] = [
    ("ליד חדש", 10),
    ("נוצר קשר", 25),
    ("נקבעה פגישה", 40),
    ("נשלחה הצעה", 60),
    ("משא ומתן", 80),
];

/// The business's usual pipeline, made here when somebody first asks for it.
pub async fn usual(tx: &WriteTx) -> Result<Model, Problem> {
    if let Some(there) = find(tx).await? {
        return Ok(there);
    }
    let row = ActiveModel {
        name: Set(NAME.to_owned()),
        position: Set(0),
        is_default: Set(true),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    let mut once = OnConflict::new();
    once.do_nothing();
    // Whoever asks at the same time makes the same one.
    let Some(pipeline) = tx.insert_or(row, once).await? else {
        return find(tx).await?.ok_or_else(Problem::internal);
    };
    let stages = STAGES
        .iter()
        .zip(0..)
        .map(|((name, probability), position)| stage::ActiveModel {
            pipeline_id: Set(pipeline.id),
            name: Set((*name).to_owned()),
            probability: Set(*probability),
            position: Set(position),
            ..Default::default()
        });
    tx.insert_all(stages.collect()).await?;
    tx.audit(AuditEntry {
        action: "pipeline.created",
        record_type: "pipeline",
        record_id: Some(pipeline.id),
        changes: json!({ "name": NAME, "is_default": true }),
    })
    .await?;
    Ok(pipeline)
}

async fn find(tx: &WriteTx) -> Result<Option<Model>, Problem> {
    let usual = tx.find::<Entity>().filter(Column::IsDefault.eq(true));
    Ok(usual.one().await?)
}

/// As [`usual`], before something is only read.
pub async fn ensure(db: &Db, scope: &kernel::Scope) -> Result<(), Problem> {
    if scope.business().is_err() {
        return Ok(());
    }
    let tx = db.read(scope).await?;
    let there = tx
        .find::<Entity>()
        .filter(Column::IsDefault.eq(true))
        .one()
        .await?
        .is_some();
    tx.done().await?;
    if !there {
        let tx = db.write(scope).await?;
        usual(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
