//! The table `platform_defaults`.

use std::collections::BTreeMap;

use kernel::{Problem, Scope};
use platform::db::{AuditEntry, DbError, SystemTx};
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};
use serde_json::json;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_defaults")]
pub struct Model {
    /// [`Kind`]
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub text: String,
    pub updated_at: DateTimeUtc,
    pub updated_by_id: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How the agent behaves; `agent` is the one that businesses without a prompt of their own inherit.
    Prompt,
    /// Messages that are sent.
    Template,
    /// What callers hear first, by language (`he-IL`).
    Greeting,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Template => "template",
            Self::Greeting => "greeting",
        }
    }
}

/// The prompt that businesses without one of their own inherit.
const AGENT: &str = "agent";

/// What calls inherit.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    agent_prompt: Option<String>,
    /// By language.
    greetings: BTreeMap<String, String>,
}

impl Defaults {
    pub async fn read(tx: &SystemTx) -> Result<Self, DbError> {
        let mut defaults = Self::default();
        for row in Entity::find().all(tx.conn()).await? {
            if row.kind == Kind::Greeting.as_str() {
                defaults.greetings.insert(row.key, row.text);
            } else if row.kind == Kind::Prompt.as_str() && row.key == AGENT {
                defaults.agent_prompt = Some(row.text);
            }
        }
        Ok(defaults)
    }

    pub fn agent_prompt(&self) -> Option<String> {
        self.agent_prompt.clone()
    }

    /// The greeting in this language, with the business's name where it says `{business}`.
    pub fn greeting(&self, language: &str, business: &str) -> Option<String> {
        let text = self.greetings.get(language)?;
        Some(text.replace("{business}", business))
    }
}

pub async fn get(tx: &SystemTx, kind: Kind, key: &str) -> Result<Option<Model>, DbError> {
    Ok(Entity::find_by_id((kind.as_str().to_owned(), key.to_owned()))
        .one(tx.conn())
        .await?)
}

pub async fn all(tx: &SystemTx, kind: Kind) -> Result<Vec<Model>, DbError> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(kind.as_str()))
        .all(tx.conn())
        .await?)
}

/// Writes a default, or takes it away again, with its audit entry (of no business).
pub async fn put(tx: &SystemTx, scope: &Scope, kind: Kind, key: &str, text: Option<String>) -> Result<(), Problem> {
    let set = text.is_some();
    if let Some(text) = text {
        let row = ActiveModel {
            kind: Set(kind.as_str().to_owned()),
            key: Set(key.to_owned()),
            text: Set(text),
            updated_at: Set(tx.now()),
            updated_by_id: Set(scope.actor().user_id().map(i64::from)),
        };
        let mut in_place = OnConflict::columns([Column::Kind, Column::Key]);
        in_place.update_columns([Column::Text, Column::UpdatedAt, Column::UpdatedById]);
        Entity::insert(row)
            .on_conflict(in_place)
            .exec_without_returning(tx.conn())
            .await
            .map_err(DbError::from)?;
    } else {
        Entity::delete_by_id((kind.as_str().to_owned(), key.to_owned()))
            .exec(tx.conn())
            .await
            .map_err(DbError::from)?;
    }
    let entry = AuditEntry {
        action: "platform.default_changed",
        record_type: kind.as_str(),
        record_id: None,
        changes: json!({ "key": key, "set": set }),
    };
    tx.audit(0, scope, entry).await?;
    Ok(())
}
