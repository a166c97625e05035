//! Making, renaming and withdrawing keys.

use chrono::{DateTime, Utc};
use kernel::{Problem, UserId};
use platform::{
    db::{AuditEntry, DbError, WriteTx},
    http::IfMatch,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{BEGINNING, prefix, scopes, store};
use crate::accounts::{sessions::tokens, users::actions::checked_name};

/// A key to make.
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a key and gives it, this once. 422 for unknown or no scopes, or an end that is over.
pub async fn create(tx: &WriteTx, made_by: UserId, new: NewKey) -> Result<(store::Model, String), Problem> {
    let name = checked_name(&new.name)?;
    let scopes = scopes::checked(new.scopes)?;
    let now = tx.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid("expires_at", "in_the_past", "is over already"));
    }
    let secret = format!("{BEGINNING}{}", tokens::random());
    let key = tx
        .insert(store::ActiveModel {
            name: Set(name),
            prefix: Set(prefix(&secret).unwrap_or_default().to_owned()),
            secret_hash: Set(tokens::fingerprint(&secret)),
            scopes: Set(json!(scopes)),
            made_by_id: Set(made_by.get()),
            expires_at: Set(new.expires_at),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        })
        .await?;
    let what = json!({ "name": key.name, "scopes": key.scopes, "expires_at": key.expires_at });
    audit(tx, "api_key.created", key.id, what).await?;
    Ok((key, secret))
}

/// Gives a key another name.
pub async fn rename(tx: &WriteTx, id: i64, seen: &IfMatch, name: &str) -> Result<store::Model, Problem> {
    let key = tx.find::<store::Entity>().by_id(id).lock().one().await?;
    let key = key.ok_or_else(Problem::not_found)?;
    seen.check(key.version)?;
    let name = checked_name(name)?;
    let before = key.name.clone();
    let version = key.version + 1;
    let mut row = key.into_active_model();
    row.name = Set(name);
    row.version = Set(version);
    row.updated_at = Set(tx.now());
    let key = tx.update(row).await?;
    audit(tx, "api_key.renamed", id, json!({ "name": [before, key.name] })).await?;
    Ok(key)
}

/// Withdraws a key: the next request with it is nobody's.
pub async fn delete(tx: &WriteTx, id: i64) -> Result<(), Problem> {
    let key = tx.get::<store::Entity>(id).await?;
    tx.delete_many::<store::Entity>()?
        .filter(store::Column::Id.eq(id))
        .exec()
        .await?;
    Ok(audit(tx, "api_key.deleted", id, json!({ "name": key.name })).await?)
}

async fn audit(tx: &WriteTx, action: &'static str, id: i64, changes: Value) -> Result<(), DbError> {
    tx.audit(AuditEntry {
        action,
        record_type: "api_key",
        record_id: Some(id),
        changes,
    })
    .await
}
