//! Whether the audit log is as it was written: walks each chain from its first row to its end.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use super::{
    Column, Entity, Model,
    chain::{self, End},
};
use crate::db::{Db, DbError};

const ROWS_AT_ONCE: u64 = 2_000;
/// More findings of one chain are counted and not listed.
const MOST_FINDINGS: usize = 1_000;
/// So far from its place a row is looked for.
const FARTHEST_MOVE: i64 = 50;

/// What is wrong at one place of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A field of the row is another than was written.
    Changed,
    /// The rows of the places `seq` to `to` are gone.
    Removed { to: i64 },
    /// The row was not written by the server.
    Inserted,
    /// The row stands at another place than it was written at.
    Reordered,
    /// The row does not follow the one before it.
    Unlinked,
    /// The chain was longer: its rows from `seq` to `to` are gone.
    CutOff { to: i64 },
    /// The record of where the chain ends is gone, forged, or was found to be so at some time.
    End,
}

/// One fault of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub business_id: i64,
    /// The place in the chain.
    pub seq: i64,
    /// The row's id, where there is a row.
    pub row_id: Option<i64>,
    pub broken: Broken,
}

/// One chain, walked to its end.
#[derive(Clone, Debug)]
pub struct ChainReport {
    pub business_id: i64,
    pub rows: u64,
    /// The place and code of the last row.
    pub last_seq: i64,
    pub last_hash: String,
    /// In the order of places; the first thousand.
    pub findings: Vec<Finding>,
    /// How many there were in all.
    pub found: u64,
}

/// An end of a chain that is known from elsewhere: from a line `audit head` of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEnd {
    pub business_id: i64,
    pub count: i64,
    pub hash: String,
}

impl Db {
    /// Checks one business's chain (0 for what belongs to none), or all of them. `known` are ends that the log has
    /// told of. Works while others write.
    pub async fn verify_audit(&self, business: Option<i64>, known: &[KnownEnd]) -> Result<Vec<ChainReport>, DbError> {
        let tx = self.system_read("checking the audit log").await?;
        let businesses = match business {
            Some(business) => vec![business],
            None => chains(self, tx.conn(), known).await?,
        };
        let mut reports = Vec::new();
        for business in businesses {
            let known = known.iter().filter(|end| end.business_id == business);
            let mut walk = Walk::new(self, business);
            walk.expect_marks(tx.conn()).await?;
            walk.marks
                .extend(known.map(|end| (end.count, Mark { hash: end.hash.clone() })));
            reports.push(walk.run(tx.conn()).await?);
        }
        Ok(reports)
    }
}

/// The businesses that have a chain, or should.
async fn chains(db: &Db, tx: &DatabaseTransaction, known: &[KnownEnd]) -> Result<Vec<i64>, DbError> {
    #[derive(FromQueryResult)]
    struct Chain {
        business_id: i64,
    }
    let sql = "SELECT business_id FROM audit_head UNION SELECT business_id FROM audit_marks \
               UNION SELECT DISTINCT business_id FROM audit_log";
    let found = Chain::find_by_statement(Statement::from_string(db.backend(), sql))
        .all(tx)
        .await?;
    let mut found: Vec<i64> = found.iter().map(|chain| chain.business_id).collect();
    found.extend(known.iter().map(|end| end.business_id));
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// What a chain's row at some place must be.
struct Mark {
    hash: String,
}

/// On the way along one chain.
struct Walk<'d> {
    db: &'d Db,
    report: ChainReport,
    marks: BTreeMap<i64, Mark>,
    last_id: i64,
    /// Whether the row before is as it was written.
    sound: bool,
    /// Rows must not go back to a key from before a rotation.
    oldest_key: usize,
}

impl<'d> Walk<'d> {
    fn new(db: &'d Db, business: i64) -> Self {
        Self {
            db,
            report: ChainReport {
                business_id: business,
                rows: 0,
                last_seq: 0,
                last_hash: String::new(),
                findings: Vec::new(),
                found: 0,
            },
            marks: BTreeMap::new(),
            last_id: 0,
            sound: true,
            oldest_key: db.audit_keys.key_count(),
        }
    }

    fn find(&mut self, seq: i64, row_id: Option<i64>, broken: Broken) {
        self.report.found += 1;
        if self.report.findings.len() < MOST_FINDINGS {
            self.report.findings.push(Finding {
                business_id: self.report.business_id,
                seq,
                row_id,
                broken,
            });
        }
    }

    /// Where the chain ended at times that were kept.
    async fn expect_marks(&mut self, tx: &DatabaseTransaction) -> Result<(), DbError> {
        #[derive(FromQueryResult)]
        struct Row {
            count: i64,
            hash: String,
            mac: String,
        }
        let business = self.report.business_id;
        let rows = Row::find_by_statement(Statement::from_sql_and_values(
            self.db.backend(),
            "SELECT count, hash, mac FROM audit_marks WHERE business_id = $1 ORDER BY id",
            [business.into()],
        ))
        .all(tx)
        .await?;
        for Row { count, hash, mac } in rows {
            let ours = |tampered| self.db.audit_keys.is_end(business, count, &hash, tampered, &mac);
            if ours(false) || ours(true) {
                self.marks.insert(count, Mark { hash });
            } else {
                self.find(count, None, Broken::End);
            }
        }
        Ok(())
    }

    async fn run(mut self, tx: &DatabaseTransaction) -> Result<ChainReport, DbError> {
        loop {
            loop {
                let rows = self.next_rows(tx).await?;
                if rows.is_empty() {
                    break;
                }
                for group in rows.chunk_by(|a, b| a.seq == b.seq) {
                    self.place(group);
                }
            }
            // Rows and end are committed together: an end that is read after the rows is never behind them.
            let end = chain::end(self.db, tx, self.report.business_id).await?;
            let count = end.as_ref().map_or(0, |end| end.count);
            if count <= self.report.last_seq || self.next_rows(tx).await?.is_empty() {
                self.check_end(end.as_ref());
                return Ok(self.report);
            }
        }
    }

    async fn next_rows(&self, tx: &DatabaseTransaction) -> Result<Vec<Model>, DbError> {
        let mut select = Entity::find()
            .filter(Column::BusinessId.eq(self.report.business_id))
            .order_by_asc(Column::Seq)
            .order_by_asc(Column::Id)
            .limit(ROWS_AT_ONCE);
        if self.report.rows > 0 {
            select = select.filter(Condition::all().add(Column::Seq.gt(self.report.last_seq)));
        }
        let mut rows = select.all(tx).await?;
        // All rows of one place are looked at together.
        if u64::try_from(rows.len()).is_ok_and(|read| read == ROWS_AT_ONCE)
            && let Some(last) = rows.last().map(|row| row.seq)
            && rows.first().is_some_and(|row| row.seq != last)
        {
            rows.retain(|row| row.seq != last);
        }
        Ok(rows)
    }

    /// The rows that say they stand at one place: one of them may.
    fn place(&mut self, rows: &[Model]) {
        let sound = rows
            .iter()
            .position(|row| self.db.audit_keys.signed_at(row, row.seq).is_some());
        let own = sound.unwrap_or(0);
        for (at, row) in rows.iter().enumerate() {
            self.report.rows += 1;
            if row.seq < 1 || at != own {
                self.find(row.seq, Some(row.id), Broken::Inserted);
            } else {
                self.step(row);
            }
            self.report.last_seq = row.seq.max(self.report.last_seq);
        }
    }

    fn step(&mut self, row: &Model) {
        let expected = self.report.last_seq + 1;
        let gap = row.seq > expected;
        if gap {
            self.find(expected, None, Broken::Removed { to: row.seq - 1 });
        }
        let key = self.db.audit_keys.signed_at(row, row.seq);
        match key {
            None => {
                let moved = self.was_elsewhere(row);
                self.find(
                    row.seq,
                    Some(row.id),
                    if moved { Broken::Reordered } else { Broken::Changed },
                );
            }
            // Under a key that was rotated out before.
            Some(key) if key > self.oldest_key => self.find(row.seq, Some(row.id), Broken::Inserted),
            Some(_) if row.id <= self.last_id => self.find(row.seq, Some(row.id), Broken::Reordered),
            Some(_) if !gap && self.sound && row.prev_hash != self.report.last_hash => {
                self.find(row.seq, Some(row.id), Broken::Unlinked);
            }
            Some(_) => {}
        }
        self.oldest_key = key.map_or(self.oldest_key, |key| key.min(self.oldest_key));
        self.sound = key.is_some();
        if let Some(mark) = self.marks.remove(&row.seq)
            && mark.hash != row.hash
            && self.sound
        {
            self.find(row.seq, Some(row.id), Broken::Unlinked);
        }
        self.last_id = row.id.max(self.last_id);
        self.report.last_hash.clone_from(&row.hash);
    }

    fn was_elsewhere(&self, row: &Model) -> bool {
        (1..=FARTHEST_MOVE)
            .flat_map(|far| [row.seq - far, row.seq + far])
            .any(|seq| self.db.audit_keys.signed_at(row, seq).is_some())
    }

    fn check_end(&mut self, end: Option<&End>) {
        let last = self.report.last_seq;
        let longest_known = self.marks.keys().next_back().copied().unwrap_or(0);
        let written = end.map_or(0, |end| end.count);
        let longest = written.max(longest_known);
        if longest > last {
            self.find(last + 1, None, Broken::CutOff { to: longest });
        }
        let Some(end) = end else {
            if self.report.rows > 0 {
                self.find(last, None, Broken::End);
            }
            return;
        };
        if end.tampered || !end.is_ours(&self.db.audit_keys) {
            self.find(end.count, None, Broken::End);
        } else if end.count < last {
            self.find(end.count + 1, None, Broken::Inserted);
        } else if end.count == last && end.hash != self.report.last_hash && self.sound {
            self.find(last, None, Broken::Unlinked);
        }
    }
}
