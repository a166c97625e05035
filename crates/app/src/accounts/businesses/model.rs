//! What holds for every business: its modules, and how a first one is made.

use chrono::{DateTime, Utc};
use kernel::{Module, Problem};
use platform::db::{Db, DbError, SystemTx};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::store;
use crate::accounts::users::actions::checked_name;

/// Licensed and switched on: both are needed.
pub fn module_is_on(modules: &Value, module: Module) -> bool {
    let state = &modules[module.as_str()];
    state["licensed"] == true && state["on"] == true
}

/// A new business has every module, licensed and on.
pub fn all_modules() -> Value {
    let on = |module: &Module| (module.as_str().to_owned(), json!({ "licensed": true, "on": true }));
    Value::Object(Module::ALL.iter().map(on).collect::<Map<_, _>>())
}

/// Sunday to Thursday nine to six, Friday until one, closed on the Sabbath.
pub fn usual_hours() -> Value {
    let day = json!([["09:00", "18:00"]]);
    json!({
        "sun": day, "mon": day, "tue": day, "wed": day, "thu": day,
        "fri": [["09:00", "13:00"]], "sat": []
    })
}

pub fn new_row(name: String, now: DateTime<Utc>) -> store::ActiveModel {
    store::ActiveModel {
        name: Set(name),
        active: Set(true),
        timezone: Set("Asia/Jerusalem".to_owned()),
        language: Set("he-IL".to_owned()),
        modules: Set(all_modules()),
        after_hours_mode: Set("realtime".to_owned()),
        agent_gender: Set("feminine".to_owned()),
        hours: Set(usual_hours()),
        holidays: Set(json!([])),
        call_out_order: Set(json!([])),
        voicemail_seconds: Set(30),
        max_call_seconds: Set(900),
        max_call_tokens: Set(60_000),
        sentences: Set(json!({})),
        facts: Set(json!({})),
        agent_visibility: Set("all".to_owned()),
        agents_see_money: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// A fresh, empty server already answers: its first start makes business 1.
pub async fn ensure_first(db: &Db, name: &str) -> Result<(), Problem> {
    let tx = db.system("the first business").await?;
    let businesses = store::Entity::find().count(tx.conn()).await.map_err(DbError::from)?;
    if businesses == 0 {
        match new_row(checked_name(name)?, tx.now())
            .insert(tx.conn())
            .await
            .map_err(DbError::from)
        {
            Ok(_) => tx.commit().await?,
            // Another process was first.
            Err(err) if err.is_duplicate() => {}
            Err(err) => return Err(err.into()),
        }
    }
    Ok(())
}

/// Writes a new business. The transaction goes on narrowed to it. 409 `name_exists`.
pub async fn begin_new(db: &Db, name: String) -> Result<(SystemTx, store::Model), Problem> {
    let tx = db.system("a new business").await?;
    let row = new_row(name, tx.now()).insert(tx.conn()).await;
    let row = row.map_err(DbError::from).map_err(super::actions::name_taken)?;
    Ok((tx, row))
}

/// The business of this name, made when there is none.
pub async fn named_or_new(tx: &SystemTx, name: &str) -> Result<store::Model, Problem> {
    let name = checked_name(name)?;
    let found = store::Entity::find()
        .filter(store::Column::Name.eq(&name))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?;
    match found {
        Some(business) => Ok(business),
        None => Ok(new_row(name, tx.now()).insert(tx.conn()).await.map_err(DbError::from)?),
    }
}
