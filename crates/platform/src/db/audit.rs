//! The audit log: who did what, written in the transaction of the deed.

use kernel::{Actor, Scope};
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::{DbError, SystemTx, WriteTx};

/// What was done to which record. `changes` holds names of fields with before and after, never secrets or message
/// bodies.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// For example `customer.updated`.
    pub action: &'static str,
    pub record_type: &'static str,
    pub record_id: Option<i64>,
    pub changes: Json,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub business_id: i64,
    pub at: DateTimeUtc,
    pub actor_id: Option<i64>,
    pub actor_kind: String,
    pub acting_as_id: Option<i64>,
    pub action: String,
    pub record_type: String,
    pub record_id: Option<i64>,
    pub changes: Json,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn row(business_id: i64, scope: &Scope, at: DateTimeUtc, entry: AuditEntry) -> ActiveModel {
    let (actor_kind, actor_id) = match scope.actor() {
        Actor::User { id, .. } => ("user", Some(id.get())),
        Actor::Agent { call } => ("agent", Some(call.get())),
        Actor::Provider(name) => (*name, None),
        Actor::Job(kind) => (*kind, None),
    };
    tracing::info!(
        action = entry.action,
        record_type = entry.record_type,
        record_id = entry.record_id,
        business_id,
        actor_kind,
        actor_id,
        "audit"
    );
    ActiveModel {
        business_id: Set(business_id),
        at: Set(at),
        actor_id: Set(actor_id),
        actor_kind: Set(actor_kind.to_owned()),
        acting_as_id: Set(None),
        action: Set(entry.action.to_owned()),
        record_type: Set(entry.record_type.to_owned()),
        record_id: Set(entry.record_id),
        changes: Set(entry.changes),
        ip: Set(None),
        user_agent: Set(None),
        request_id: Set(scope.request_id().to_owned()),
        ..Default::default()
    }
}

impl WriteTx {
    /// Writes an entry, and one INFO line `audit` without bodies or phones.
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), DbError> {
        let row = row(self.own_business()?, self.scope(), self.now(), entry);
        Entity::insert(row).exec_without_returning(self.conn()).await?;
        Ok(())
    }
}

impl SystemTx {
    /// As [`WriteTx::audit`], for what happens before there is a scope (a refused sign-in).
    pub async fn audit(&self, business_id: i64, scope: &Scope, entry: AuditEntry) -> Result<(), DbError> {
        let row = row(business_id, scope, self.now(), entry);
        Entity::insert(row).exec_without_returning(self.conn()).await?;
        Ok(())
    }
}
