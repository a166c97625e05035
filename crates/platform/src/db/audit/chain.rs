//! One chain per business: each row's code covers the row, its place, and the code of the row before.
//!
//! The codes are keyed with a key derived from `SECRET_KEY`, so that who can write to the database can not make new
//! ones. `audit_head` holds the end of each chain under a code of its own; every hour the ends are kept in
//! `audit_marks` and told to the log as well, which is out of the database's reach.

use chrono::{DateTime, Utc};
use hmac::Hmac;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement};
use serde_json::Value;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::Model;
use crate::{
    db::{Db, DbError},
    keys::{MasterKeys, code, keyed},
};

/// The keys of rows and of ends; the current one first, then those from before a rotation.
pub struct ChainKeys {
    rows: Vec<Hmac<Sha256>>,
    ends: Vec<Hmac<Sha256>>,
}

impl ChainKeys {
    pub fn new(master: &MasterKeys) -> Self {
        let of = |purpose| master.for_purpose(purpose).iter().map(|key| keyed(key)).collect();
        Self {
            rows: of("audit row"),
            ends: of("audit end"),
        }
    }

    /// The row's code under the current key.
    fn sign(&self, row: &Model) -> String {
        self.rows.first().map(|key| row_code(key, row)).unwrap_or_default()
    }

    /// Under which key the row's code is right, at the place `seq`.
    pub(super) fn signed_at(&self, row: &Model, seq: i64) -> Option<usize> {
        let there = Model { seq, ..row.clone() };
        self.rows.iter().position(|key| same(&row_code(key, &there), &row.hash))
    }

    pub(super) fn key_count(&self) -> usize {
        self.rows.len()
    }

    fn sign_end(&self, business: i64, count: i64, hash: &str, tampered: bool) -> String {
        self.ends
            .first()
            .map(|key| end_code(key, business, count, hash, tampered))
            .unwrap_or_default()
    }

    pub(super) fn is_end(&self, business: i64, count: i64, hash: &str, tampered: bool, mac: &str) -> bool {
        self.ends
            .iter()
            .any(|key| same(&end_code(key, business, count, hash, tampered), mac))
    }
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn row_code(key: &Hmac<Sha256>, row: &Model) -> String {
    let mut changes = String::new();
    canonical(&row.changes, &mut changes);
    let text = |text: &Option<String>| text.as_ref().map_or_else(String::new, |text| format!("={text}"));
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| format!("={number}"));
    let parts = [
        row.prev_hash.clone(),
        row.seq.to_string(),
        row.business_id.to_string(),
        row.at.timestamp_micros().to_string(),
        row.actor_kind.clone(),
        number(row.actor_id),
        number(row.acting_as_id),
        row.action.clone(),
        row.record_type.clone(),
        number(row.record_id),
        changes,
        text(&row.ip),
        text(&row.user_agent),
        row.request_id.clone(),
    ];
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    hex::encode(code(key, &parts))
}

fn end_code(key: &Hmac<Sha256>, business: i64, count: i64, hash: &str, tampered: bool) -> String {
    let (business, count) = (business.to_be_bytes(), count.to_be_bytes());
    hex::encode(code(key, &[&business, &count, hash.as_bytes(), &[u8::from(tampered)]]))
}

/// JSON in one form only: PostgreSQL keeps neither the order of members nor the way in which a number was written.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(values) => {
            out.push('[');
            for value in values {
                canonical(value, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Number(number) => out.push_str(&plain(number)),
        other => out.push_str(&other.to_string()),
    }
}

/// A number as it is written here: 1.0 and 1, and 0.0 and -0.0, are the same number.
fn plain(number: &serde_json::Number) -> String {
    if let Some(whole) = number.as_i64() {
        return whole.to_string();
    }
    let number = number.as_f64().unwrap_or_default() + 0.0;
    if number.fract() == 0.0 {
        format!("{number:.0}")
    } else {
        format!("{number:e}")
    }
}

/// The end of a chain, while it is locked.
#[derive(Debug, FromQueryResult)]
pub(super) struct End {
    pub business_id: i64,
    pub count: i64,
    pub hash: String,
    /// It was once found to be another than we had written. Never taken back.
    pub tampered: bool,
    mac: String,
}

impl End {
    /// Gives a row the next place.
    pub(super) fn append(&mut self, keys: &ChainKeys, mut row: Model) -> Model {
        self.count += 1;
        row.seq = self.count;
        row.prev_hash.clone_from(&self.hash);
        row.hash = keys.sign(&row);
        self.hash.clone_from(&row.hash);
        row
    }

    pub(super) fn is_ours(&self, keys: &ChainKeys) -> bool {
        keys.is_end(self.business_id, self.count, &self.hash, self.tampered, &self.mac)
    }
}

const COLUMNS: &str = "business_id, count, hash, tampered, mac";

/// Reads the end of a chain without a lock.
pub(super) async fn end(db: &Db, tx: &DatabaseTransaction, business: i64) -> Result<Option<End>, DbError> {
    read(db, tx, business, "").await
}

async fn read(db: &Db, tx: &DatabaseTransaction, business: i64, lock: &str) -> Result<Option<End>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM audit_head WHERE business_id = $1 {lock}");
    let statement = Statement::from_sql_and_values(db.backend(), sql, [business.into()]);
    Ok(End::find_by_statement(statement).one(tx).await?)
}

/// Locks the end of a chain until the transaction ends; a new chain is begun. An end that we have not written is
/// marked and gone on from: a business is not stopped by what somebody did to its log.
pub(super) async fn lock_end(db: &Db, tx: &DatabaseTransaction, business: i64) -> Result<End, DbError> {
    let lock = if db.is_postgres() { "FOR UPDATE" } else { "" };
    if let Some(mut end) = read(db, tx, business, lock).await? {
        if !end.tampered && !end.is_ours(&db.audit_keys) {
            tracing::error!(
                business_id = business,
                count = end.count,
                "the end of the audit log is not as we wrote it"
            );
            end.tampered = true;
        }
        return Ok(end);
    }
    begin(db, tx, business).await?;
    let locked = read(db, tx, business, lock).await?;
    locked.ok_or_else(|| DbError::Failed(sea_orm::DbErr::Custom("the audit log has no end".to_owned())))
}

#[derive(FromQueryResult)]
struct Last {
    seq: i64,
    hash: String,
}

/// The first end of a chain. Where there are rows already somebody has taken it away.
async fn begin(db: &Db, tx: &DatabaseTransaction, business: i64) -> Result<(), DbError> {
    let last = Last::find_by_statement(Statement::from_sql_and_values(
        db.backend(),
        "SELECT seq, hash FROM audit_log WHERE business_id = $1 AND seq > 0 ORDER BY seq DESC, id DESC LIMIT 1",
        [business.into()],
    ))
    .one(tx)
    .await?;
    let tampered = last.is_some();
    let (count, hash) = last.map_or_else(Default::default, |last| (last.seq, last.hash));
    tx.execute_raw(Statement::from_sql_and_values(
        db.backend(),
        "INSERT INTO audit_head (business_id, count, hash, tampered, mac, at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (business_id) DO NOTHING",
        [
            business.into(),
            count.into(),
            hash.as_str().into(),
            tampered.into(),
            db.audit_keys.sign_end(business, count, &hash, tampered).into(),
            db.clock().now().into(),
        ],
    ))
    .await?;
    Ok(())
}

/// Writes where a locked chain ends now.
pub(super) async fn move_end(db: &Db, tx: &DatabaseTransaction, end: &End) -> Result<(), DbError> {
    let mac = db
        .audit_keys
        .sign_end(end.business_id, end.count, &end.hash, end.tampered);
    tx.execute_raw(Statement::from_sql_and_values(
        db.backend(),
        "UPDATE audit_head SET count = $2, hash = $3, tampered = $4, mac = $5, at = $6 WHERE business_id = $1",
        [
            end.business_id.into(),
            end.count.into(),
            end.hash.as_str().into(),
            end.tampered.into(),
            mac.into(),
            db.clock().now().into(),
        ],
    ))
    .await?;
    Ok(())
}

impl Db {
    /// Keeps where every chain ends now, and tells it to the log: one INFO line `audit head` per business. Gives how
    /// many chains there are.
    pub async fn mark_audit_ends(&self) -> Result<u64, DbError> {
        let tx = self.system_read("the ends of the audit log").await?;
        let ends = End::find_by_statement(Statement::from_string(
            self.backend(),
            format!("SELECT {COLUMNS} FROM audit_head ORDER BY business_id"),
        ))
        .all(tx.conn())
        .await?;
        drop(tx);
        let now = self.clock().now();
        for some in ends.chunks(super::ROWS_AT_ONCE) {
            let tx = self.system("the ends of the audit log").await?;
            for end in some {
                mark(self, tx.conn(), end, now).await?;
            }
            tx.commit().await?;
        }
        for end in &ends {
            let End {
                business_id,
                count,
                hash,
                tampered,
                ..
            } = end;
            tracing::info!(business_id, count, hash, tampered, "audit head");
        }
        Ok(u64::try_from(ends.len()).unwrap_or(u64::MAX))
    }
}

/// An end that has not moved since its last mark is not kept again.
async fn mark(db: &Db, tx: &DatabaseTransaction, end: &End, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute_raw(Statement::from_sql_and_values(
        db.backend(),
        "INSERT INTO audit_marks (business_id, count, hash, mac, at) SELECT b.id, $2, $3, $4, $5 \
         FROM (SELECT CAST($1 AS BIGINT) AS id) b \
         WHERE NOT EXISTS (SELECT 1 FROM audit_marks m WHERE m.business_id = $1 AND m.count = $2)",
        [
            end.business_id.into(),
            end.count.into(),
            end.hash.as_str().into(),
            end.mac.as_str().into(),
            now.into(),
        ],
    ))
    .await?;
    Ok(())
}
