//! Opening the database that the settings name, with its schema brought up to date.

use anyhow::Context;
use kernel::{Clock, ExposeSecret};
use platform::{
    db::{Db, DbSettings, Synchronous},
    keys::MasterKeys,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::config::{DatabaseSettings, DatabaseUrl, Settings, SqliteSynchronous};

/// Connects and applies the migrations that are missing, each with a line in the log.
pub async fn open(settings: &Settings, clock: Clock) -> anyhow::Result<Db> {
    let db = connect(settings, clock).await?;
    for name in migration::up(db.for_migration())
        .await
        .context("the migrations failed; nothing was changed")?
    {
        tracing::info!("Applied migration: {name}");
    }
    if above_row_security(&db).await? {
        tracing::warn!("{ABOVE_ROW_SECURITY}");
    }
    Ok(db)
}

pub const ABOVE_ROW_SECURITY: &str = "the database role is a superuser or has BYPASSRLS: row-level security does not hold \
     for it; give the server a plain role";

/// Whether PostgreSQL's row-level security is nothing to the role that we connect as.
pub async fn above_row_security(db: &Db) -> anyhow::Result<bool> {
    if !db.is_postgres() {
        return Ok(false);
    }
    let asked = "SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = current_user";
    let row = db
        .for_migration()
        .query_one_raw(Statement::from_string(DbBackend::Postgres, asked))
        .await?;
    Ok(row.map(|row| row.try_get("", "above")).transpose()?.unwrap_or(false))
}

/// Connects only.
pub async fn connect(settings: &Settings, clock: Clock) -> anyhow::Result<Db> {
    let keys = settings.secrets().context("the secrets can not be read")?.master_keys();
    let settings = &settings.database;
    if let Some(directory) = settings.url.directory() {
        std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    }
    Db::open(&for_platform(settings, keys), clock)
        .await
        .with_context(|| format!("cannot open the database ({})", kind(&settings.url)))
}

fn for_platform(settings: &DatabaseSettings, keys: MasterKeys) -> DbSettings {
    DbSettings {
        url: settings.url.for_driver().expose_secret().to_owned(),
        synchronous: match settings.synchronous {
            SqliteSynchronous::Full => Synchronous::Full,
            SqliteSynchronous::Normal => Synchronous::Normal,
        },
        slow: settings.slow,
        keys,
    }
}

fn kind(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("SQLite, {}", path.display()),
        DatabaseUrl::SqliteMemory => "SQLite, in memory".to_owned(),
        DatabaseUrl::Postgres(_) => "PostgreSQL, DATABASE_URL".to_owned(),
    }
}
