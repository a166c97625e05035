//! Reading the first records that a query finds, along an index of beginnings.
//!
//! A beginning is one range of an index's key, so the first rows come at once however many there are. One chunk of the
//! query leads – its range is walked – and of each record on the way it is asked whether it has the others, too. Whole
//! words come before words that only begin so; of those who have the whole word the newest come first.

use kernel::Reach;
use platform::db::{DbError, Find, Owned, ReadTx};
use sea_orm::{
    Condition, EntityName, JoinType, ModelTrait, Order, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

/// A column of beginnings, and whose they are.
#[derive(Debug)]
pub struct Index {
    pub table: &'static str,
    /// Has the record's id.
    pub record: &'static str,
    pub column: &'static str,
    /// What stands in the column `kind`, where the table has one.
    pub kind: Option<&'static str>,
}

/// All that begins so in an index.
#[derive(Clone, Debug)]
pub struct Range {
    pub of: &'static Index,
    pub beginning: String,
}

/// One part of a query: a record has it when any of these finds the record.
pub type Readings = Vec<Range>;

/// The last character there is: what begins so sorts before.
const END: char = '\u{10ffff}';
/// A record may stand in a range more than once (`כהן כהנא`); so many rows are read for each record that is wanted.
const ROWS_FOR_A_RECORD: u64 = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The beginning is all of it.
    Whole,
    /// More follows.
    Longer,
}

impl Range {
    fn column(&self, name: &'static str) -> Expr {
        Expr::col((Alias::new(self.of.table), Alias::new(name)))
    }

    fn holds(&self, part: Option<Part>) -> Condition {
        let column = || self.column(self.of.column);
        let all = match self.of.kind {
            Some(kind) => Condition::all().add(self.column("kind").eq(kind)),
            None => Condition::all(),
        };
        match part {
            Some(Part::Whole) => all.add(column().eq(self.beginning.as_str())),
            Some(Part::Longer) => all
                .add(column().gt(self.beginning.as_str()))
                .add(column().lt(self.end())),
            None => all
                .add(column().gte(self.beginning.as_str()))
                .add(column().lt(self.end())),
        }
    }

    fn end(&self) -> String {
        format!("{}{END}", self.beginning)
    }

    /// That this is of the record, in the record's business.
    fn is_of<E: EntityName + Default>(&self, tx: &ReadTx) -> Condition {
        let record = |column| Expr::col((Alias::new(E::default().table_name()), Alias::new(column)));
        let same = Condition::all()
            .add(self.column("business_id").eq(record("business_id")))
            .add(self.column(self.of.record).eq(record("id")));
        match tx.scope().reach() {
            Reach::One(business) => same.add(self.column("business_id").eq(business.get())),
            Reach::All => same,
        }
    }

    /// Whether the record has it.
    fn is_in<E: EntityName + Default>(&self, tx: &ReadTx) -> Expr {
        let mut own = Query::select();
        own.expr(Expr::val(1))
            .from(Alias::new(self.of.table))
            .cond_where(self.is_of::<E>(tx))
            .cond_where(self.holds(None));
        Expr::exists(own)
    }
}

/// Reads at most `limit` records that have every chunk. `records` gives those that the actor may see.
pub async fn first<'t, E>(
    tx: &'t ReadTx,
    records: impl Fn() -> Find<'t, E>,
    id: E::Column,
    chunks: &[Readings],
    limit: usize,
) -> Result<Vec<E::Model>, DbError>
where
    E: Owned,
    E::Model: Send + Sync,
{
    let mut found: Vec<E::Model> = Vec::new();
    let Some((leading, others)) = leading(chunks) else {
        return Ok(found);
    };
    let others = others.iter().fold(Condition::all(), |all, readings| {
        let any = readings.iter().map(|range| range.is_in::<E>(tx));
        all.add(any.fold(Condition::any(), Condition::add))
    });
    for range in leading {
        for part in [Part::Whole, Part::Longer] {
            if found.len() >= limit {
                return Ok(found);
            }
            let find = records().filter(others.clone());
            let rows = along(tx, find, range, part, limit).all().await?;
            for row in rows {
                let known = |other: &E::Model| other.get(id) == row.get(id);
                if found.len() < limit && !found.iter().any(known) {
                    found.push(row);
                }
            }
        }
    }
    Ok(found)
}

/// The chunk whose shortest reading is the longest finds the fewest.
fn leading(chunks: &[Readings]) -> Option<(&Readings, Vec<&Readings>)> {
    let length = |readings: &Readings| {
        let lengths = readings.iter().map(|range| range.beginning.chars().count());
        lengths.min().unwrap_or_default()
    };
    let (at, leading) = chunks.iter().enumerate().max_by_key(|(_, readings)| length(readings))?;
    let others = chunks.iter().enumerate().filter(|(other, _)| *other != at);
    Some((leading, others.map(|(_, readings)| readings).collect()))
}

fn along<'t, E>(tx: &ReadTx, find: Find<'t, E>, range: &Range, part: Part, limit: usize) -> Find<'t, E>
where
    E: Owned,
    E::Model: Send + Sync,
{
    let rows = u64::try_from(limit)
        .unwrap_or(u64::MAX)
        .saturating_mul(ROWS_FOR_A_RECORD);
    let find = find.map(|mut select| {
        let by = |name| (Alias::new(range.of.table), Alias::new(name));
        let query = QuerySelect::query(&mut select);
        query.join(JoinType::InnerJoin, Alias::new(range.of.table), range.is_of::<E>(tx));
        match part {
            Part::Whole => query.order_by(by(range.of.record), Order::Desc),
            Part::Longer => query
                .order_by(by(range.of.column), Order::Asc)
                .order_by(by(range.of.record), Order::Asc),
        };
        select
    });
    find.filter(range.holds(Some(part))).limit(rows)
}
