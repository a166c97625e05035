//! What SQLite's planner believes of tables that it has not measured yet.
//!
//! Without statistics SQLite takes any index's first column for selective, ten rows to a value. Here that column is the
//! business, of which there may be one, with every row of the table. A new server would read all calls of its business
//! to find one by its id, and would do so until it is closed and has measured (`PRAGMA optimize`). So each index starts
//! with an estimate, in the form of `sqlite_stat1` (sqlite.org/fileformat2.html, «The sqlite_stat1 table»): rows in all,
//! then rows to a value of its first column, of its first two, and so on. Real figures replace it when they are taken.

use std::collections::BTreeMap;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, FromQueryResult, Statement},
};

/// Rows of a table that has grown.
const ROWS: u64 = 1_000_000;
/// Rows of an index over what waits to be done, which is never much.
const ROWS_WAITING: u64 = 1_000;
/// Values of a column that says of what sort a row is, and of one that tells rows apart.
const SORTS: u64 = 5;
const VALUES: u64 = 10_000;

/// Columns of which a million rows have few values.
const OF_FEW_VALUES: &[&str] = &[
    "active",
    "direction",
    "kind",
    "mode",
    "priority",
    "role",
    "source",
    "state",
    "status",
];

#[derive(FromQueryResult)]
struct IndexColumn {
    table_name: String,
    index_name: String,
    is_unique: bool,
    /// The statement that made it; none where a constraint did.
    sql: Option<String>,
    column_name: Option<String>,
}

/// Gives every index without statistics its estimate. For SQLite alone.
pub async fn assume(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    db.execute_unprepared("PRAGMA analysis_limit = 400").await?;
    db.execute_unprepared("ANALYZE").await?;
    let mut indexes = BTreeMap::<String, Vec<IndexColumn>>::new();
    for column in columns(db).await? {
        indexes.entry(column.index_name.clone()).or_default().push(column);
    }
    for (name, columns) in indexes {
        let Some(first) = columns.first() else { continue };
        let values = [first.table_name.clone().into(), name.into(), estimate(&columns).into()];
        let insert = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), insert, values);
        db.execute_raw(statement).await?;
    }
    // What was written by hand is read when it is said that it changed.
    db.execute_unprepared("ANALYZE sqlite_schema").await?;
    Ok(())
}

async fn columns(db: &impl ConnectionTrait) -> Result<Vec<IndexColumn>, DbErr> {
    let query = "SELECT m.tbl_name AS table_name, m.name AS index_name, l.\"unique\" AS is_unique, m.sql AS sql,
            c.name AS column_name
        FROM sqlite_schema AS m
        JOIN pragma_index_list(m.tbl_name) AS l ON l.name = m.name
        JOIN pragma_index_info(m.name) AS c
        WHERE m.type = 'index' AND m.name NOT IN (SELECT idx FROM sqlite_stat1 WHERE idx IS NOT NULL)
        ORDER BY m.name, c.seqno";
    IndexColumn::find_by_statement(Statement::from_string(db.get_database_backend(), query))
        .all(db)
        .await
}

/// The text of `sqlite_stat1.stat` for an index of these columns.
fn estimate(columns: &[IndexColumn]) -> String {
    let total = columns.first().map_or(ROWS, |first| match first.sql.as_deref() {
        Some(sql) if sql.contains("WHERE") && !sql.contains("deleted_at IS NULL") && !first.is_unique => ROWS_WAITING,
        _ => ROWS,
    });
    let is_unique = columns.first().is_some_and(|first| first.is_unique);
    let mut left = total;
    let mut stat = vec![total];
    for (at, column) in columns.iter().enumerate() {
        let values = match column.column_name.as_deref() {
            _ if is_unique && at + 1 == columns.len() => left,
            Some("business_id") => 1,
            Some(name) if OF_FEW_VALUES.contains(&name) => SORTS,
            _ => VALUES,
        };
        left = Ord::max(left / values, 1);
        stat.push(left);
    }
    stat.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
