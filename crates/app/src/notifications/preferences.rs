//! How each person wants to be told of each kind.

use std::collections::{BTreeMap, HashMap};

use kernel::Problem;
use platform::db::{AuditEntry, ReadTx, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    kinds::{Kind, Ways},
    store::preference::{ActiveModel, Column, Entity},
};

/// What people chose, for those who chose.
#[derive(Debug, Default)]
pub struct Chosen(HashMap<(i64, String), Ways>);

impl Chosen {
    pub fn of(&self, user_id: i64, kind: Kind) -> Ways {
        self.0
            .get(&(user_id, kind.as_str().to_owned()))
            .copied()
            .unwrap_or_else(|| kind.usual())
    }
}

/// What these people chose.
pub async fn of(tx: &ReadTx, users: impl Iterator<Item = i64>) -> Result<Chosen, Problem> {
    let mut users: Vec<i64> = users.collect();
    users.sort_unstable();
    users.dedup();
    let rows = tx.find::<Entity>().filter(Column::UserId.is_in(users)).all().await?;
    let chosen = rows.into_iter().map(|row| {
        let ways = Ways {
            screen: row.screen,
            push: row.push,
            email: row.email,
            whatsapp: row.whatsapp,
        };
        ((row.user_id, row.kind), ways)
    });
    Ok(Chosen(chosen.collect()))
}

/// One person's ways, for every kind.
pub async fn all(tx: &ReadTx, user_id: i64) -> Result<BTreeMap<&'static str, Ways>, Problem> {
    let chosen = of(tx, std::iter::once(user_id)).await?;
    Ok(Kind::ALL
        .iter()
        .filter(|kind| !kind.is_asked_for())
        .map(|kind| (kind.as_str(), chosen.of(user_id, *kind)))
        .collect())
}

/// A change of one kind: what is not mentioned stays.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WaysBody {
    screen: Option<bool>,
    push: Option<bool>,
    email: Option<bool>,
    whatsapp: Option<bool>,
}

/// Writes what a person chose. 422 for a kind that there is not.
pub async fn change(tx: &WriteTx, user_id: i64, changes: BTreeMap<String, WaysBody>) -> Result<(), Problem> {
    let before = of(tx, std::iter::once(user_id)).await?;
    let mut rows = Vec::new();
    for (name, change) in &changes {
        let kind = Kind::parse(name).filter(|kind| !kind.is_asked_for()).ok_or_else(|| {
            Problem::invalid(
                &format!("kinds.{name}"),
                "unknown_kind",
                "is not a kind of notification",
            )
        })?;
        let was = before.of(user_id, kind);
        rows.push(ActiveModel {
            user_id: Set(user_id),
            kind: Set(name.clone()),
            screen: Set(change.screen.unwrap_or(was.screen)),
            push: Set(change.push.unwrap_or(was.push)),
            email: Set(change.email.unwrap_or(was.email)),
            whatsapp: Set(change.whatsapp.unwrap_or(was.whatsapp)),
            ..Default::default()
        });
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut in_place = OnConflict::columns([Column::BusinessId, Column::UserId, Column::Kind]);
    in_place.update_columns([Column::Screen, Column::Push, Column::Email, Column::Whatsapp]);
    tx.insert_many(rows, in_place).await?;
    tx.audit(AuditEntry {
        action: "notifications.preferences_changed",
        record_type: "user",
        record_id: Some(user_id),
        changes: json!({ "kinds": changes.keys().collect::<Vec<_>>() }),
    })
    .await?;
    Ok(())
}
