//! Opening the database.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::DbError;
use crate::keys::MasterKeys;

/// Connections that read SQLite at once, and PostgreSQL's pool.
const READERS: u32 = 8;
/// Connections for single statements over all businesses (sessions of requests); each takes less than a millisecond.
const ACROSS: u32 = 4;
/// How long a request waits for a connection before it is told that the database is not there.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process that writes (a command beside the running server).
const BUSY: Duration = Duration::from_secs(5);

/// SQLite's `synchronous`: FULL survives a power cut after each commit, NORMAL may lose the last ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    #[default]
    Full,
    Normal,
}

#[derive(Clone, Debug)]
pub struct DbSettings {
    /// `sqlite://path/to/file.db` or `postgres://…`; other forms are normalised by the settings.
    pub url: String,
    pub synchronous: Synchronous,
    /// Statements slower than this are logged, with their text and without values.
    pub slow: Duration,
    /// The audit log's chain is keyed by them.
    pub keys: MasterKeys,
}

impl DbSettings {
    pub fn new(url: impl Into<String>, keys: MasterKeys) -> Self {
        Self {
            url: url.into(),
            synchronous: Synchronous::Full,
            slow: Duration::from_millis(300),
            keys,
        }
    }
}

pub(super) struct Connections {
    pub writer: DatabaseConnection,
    pub reader: DatabaseConnection,
    /// For single statements over all businesses, without a transaction around each.
    pub across: Option<DatabaseConnection>,
}

/// The connection that writes and the pool that reads; on PostgreSQL they are one pool.
pub(super) async fn open(settings: &DbSettings) -> Result<Connections, DbError> {
    if settings.url.starts_with("postgres") {
        let pool = Database::connect(options(settings, READERS * 2)).await?;
        return Ok(Connections {
            writer: pool.clone(),
            reader: pool,
            across: across(settings).await,
        });
    }
    let synchronous = match settings.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    let mut writer = options(settings, 1);
    writer.map_sqlx_sqlite_opts(move |options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("cache_size", "-16000")
            // Pages that are written again and again go to the file once per 16 MB of log, not once per 4.
            .pragma("wal_autocheckpoint", "4000")
            .optimize_on_close(true, 400)
    });
    let writer = Database::connect(writer).await?;
    let mut reader = options(settings, READERS);
    reader.map_sqlx_sqlite_opts(|options| {
        options
            .busy_timeout(BUSY)
            .pragma("query_only", "ON")
            .pragma("cache_size", "-4000")
    });
    let reader = Database::connect(reader).await?;
    Ok(Connections {
        writer,
        across: Some(reader.clone()),
        reader,
    })
}

/// Connections that begin as the system's. `None` where something between here and the server does not let settings
/// through: then each statement has a transaction, which sets it.
async fn across(settings: &DbSettings) -> Option<DatabaseConnection> {
    let mut as_system = options(settings, ACROSS);
    as_system.map_sqlx_postgres_opts(|options| options.options([("app.system", "on")]));
    let pool = Database::connect(as_system).await.ok()?;
    let asked = "SELECT current_setting('app.system', true) AS it";
    let row = pool
        .query_one_raw(Statement::from_string(DbBackend::Postgres, asked))
        .await;
    let it: Option<String> = row.ok().flatten().and_then(|row| row.try_get("", "it").ok());
    (it.as_deref() == Some("on")).then_some(pool)
}

fn options(settings: &DbSettings, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .test_before_acquire(false)
        .sqlx_logging(true)
        .sqlx_logging_level(tracing_log_off())
        .sqlx_slow_statements_logging_settings(slow_level(), settings.slow);
    options
}

/// Single statements are not logged; only slow ones are.
const fn tracing_log_off() -> log::LevelFilter {
    log::LevelFilter::Off
}

const fn slow_level() -> log::LevelFilter {
    log::LevelFilter::Warn
}
