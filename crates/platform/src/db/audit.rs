//! The audit log: who did what, written in the transaction of the deed, and chained so that what is changed, removed
//! or put in later shows.
//!
//! Entries are kept by their transaction and written at its commit: the end of the business's chain is locked last, and
//! for no longer than the commit takes. How rows are chained stands in `chain`, how a chain is checked in `verify`.

mod chain;
#[cfg(test)]
mod tests;
mod verify;

use std::sync::{Mutex, PoisonError};

use kernel::{Actor, Scope};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, entity::prelude::*};

pub use chain::ChainKeys;
pub use verify::{Broken, ChainReport, Finding, KnownEnd};

use super::{Db, DbError, Owned, SystemTx, WriteTx};
use crate::http::client_address::Source;

/// Rows of one statement; SQLite takes 32,766 values.
const ROWS_AT_ONCE: usize = 500;

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

/// A row of the log.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 0 for what belongs to no business.
    pub business_id: i64,
    pub at: DateTimeUtc,
    pub actor_id: Option<i64>,
    /// `user`, `api_key`, `agent`, a provider's name or a job's kind.
    pub actor_kind: String,
    pub acting_as_id: Option<i64>,
    pub action: String,
    pub record_type: String,
    pub record_id: Option<i64>,
    pub changes: Json,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: String,
    /// The place in the business's chain, from 1.
    pub seq: i64,
    /// `hash` of the row before; empty in the first.
    pub prev_hash: String,
    /// HMAC-SHA256 over everything above but `id`, in hex.
    pub hash: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Owned for Entity {
    const BUSINESS: Column = Column::BusinessId;
}

/// An entry that has no place in the chain yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    business_id: i64,
    at: DateTimeUtc,
    actor_kind: &'static str,
    actor_id: Option<i64>,
    acting_as_id: Option<i64>,
    entry: AuditEntry,
    source: Source,
    request_id: String,
}

impl Draft {
    fn new(business_id: i64, scope: &Scope, at: DateTimeUtc, entry: AuditEntry) -> Self {
        let (actor_kind, actor_id) = match scope.actor() {
            // Both names: the admin who acts, and as whom (below).
            Actor::User { id, .. } => ("user", Some(scope.admin_behind().unwrap_or(*id).get())),
            Actor::ApiKey { id, .. } => ("api_key", Some(*id)),
            Actor::Agent { call } => ("agent", Some(call.get())),
            Actor::Provider(name) => (*name, None),
            Actor::Job(kind) => (*kind, None),
        };
        Self {
            business_id,
            at,
            actor_kind,
            actor_id,
            acting_as_id: scope.admin_behind().and(scope.actor().user_id()).map(i64::from),
            entry,
            source: Source::current(),
            request_id: scope.request_id().to_owned(),
        }
    }

    /// The row, still without a place.
    fn unplaced(&self) -> Model {
        Model {
            id: 0,
            business_id: self.business_id,
            at: self.at,
            actor_id: self.actor_id,
            actor_kind: self.actor_kind.to_owned(),
            acting_as_id: self.acting_as_id,
            action: self.entry.action.to_owned(),
            record_type: self.entry.record_type.to_owned(),
            record_id: self.entry.record_id,
            changes: self.entry.changes.clone(),
            ip: self.source.ip.clone(),
            user_agent: self.source.user_agent.clone(),
            request_id: self.request_id.clone(),
            seq: 0,
            prev_hash: String::new(),
            hash: String::new(),
        }
    }

    fn tell(&self) {
        tracing::info!(
            action = self.entry.action,
            record_type = self.entry.record_type,
            record_id = self.entry.record_id,
            business_id = self.business_id,
            actor_kind = self.actor_kind,
            actor_id = self.actor_id,
            acting_as_id = self.acting_as_id,
            "audit"
        );
    }
}

/// What a transaction will write into the log.
#[derive(Debug, Default)]
pub(super) struct Drafts(Mutex<Vec<Draft>>);

impl Drafts {
    pub(super) fn add(&self, draft: Draft) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(draft);
    }

    pub(super) fn take(&self) -> Vec<Draft> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl WriteTx {
    /// Adds an entry, written at the commit, after which it is one INFO line `audit` without bodies or phones, too.
    #[expect(clippy::unused_async, reason = "an action awaits all that it writes")]
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), DbError> {
        self.note(Draft::new(self.own_business()?, self.scope(), self.now(), entry));
        Ok(())
    }
}

impl SystemTx {
    /// As [`WriteTx::audit`], for what happens before there is a scope (a refused sign-in).
    #[expect(clippy::unused_async, reason = "an action awaits all that it writes")]
    pub async fn audit(&self, business_id: i64, scope: &Scope, entry: AuditEntry) -> Result<(), DbError> {
        self.note(Draft::new(business_id, scope, self.now(), entry));
        Ok(())
    }
}

/// One log line for each entry, once it is committed.
pub(super) fn tell(drafts: &[Draft]) {
    drafts.iter().for_each(Draft::tell);
}

/// Writes entries at the ends of their chains. Businesses are taken in the order of their ids, so that two
/// transactions over several never wait for each other.
pub(super) async fn write(db: &Db, tx: &DatabaseTransaction, drafts: &[Draft]) -> Result<(), DbError> {
    let mut businesses: Vec<i64> = drafts.iter().map(|draft| draft.business_id).collect();
    businesses.sort_unstable();
    businesses.dedup();
    for business in businesses {
        let rows = drafts
            .iter()
            .filter(|draft| draft.business_id == business)
            .map(Draft::unplaced);
        let mut end = chain::lock_end(db, tx, business).await?;
        let rows: Vec<ActiveModel> = rows.map(|row| inserted(end.append(&db.audit_keys, row))).collect();
        for some in rows.chunks(ROWS_AT_ONCE) {
            Entity::insert_many(some.to_vec()).exec_without_returning(tx).await?;
        }
        chain::move_end(db, tx, &end).await?;
    }
    Ok(())
}

fn inserted(row: Model) -> ActiveModel {
    ActiveModel {
        id: sea_orm::ActiveValue::NotSet,
        business_id: Set(row.business_id),
        at: Set(row.at),
        actor_id: Set(row.actor_id),
        actor_kind: Set(row.actor_kind),
        acting_as_id: Set(row.acting_as_id),
        action: Set(row.action),
        record_type: Set(row.record_type),
        record_id: Set(row.record_id),
        changes: Set(row.changes),
        ip: Set(row.ip),
        user_agent: Set(row.user_agent),
        request_id: Set(row.request_id),
        seq: Set(row.seq),
        prev_hash: Set(row.prev_hash),
        hash: Set(row.hash),
    }
}
