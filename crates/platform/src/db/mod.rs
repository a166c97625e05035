//! The one way to the data: a scoped transaction.
//!
//! A subject gets a [`ReadTx`] or [`WriteTx`] from [`Db`] by showing a [`kernel::Scope`]; its queries are methods of
//! that transaction, which adds the business by itself. The plain connection can not be reached from outside this
//! crate. On PostgreSQL row-level security says the same once more: each transaction, reading ones too, sets the
//! business. SQLite has one writer connection (`BEGIN IMMEDIATE`) and a read-only pool; nothing outside the database
//! may be awaited inside a write.
//!
//! `emit` (outgoing events) stands in [`crate::outbox`], `enqueue` (jobs) in [`crate::jobs`]: both write in the same
//! transaction.

mod audit;
mod connect;
mod error;
mod find;
mod planner;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod totals;
mod traces;
mod tx;

use std::sync::Arc;

use kernel::{Clock, Reach, Scope};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, FromQueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

pub use audit::{
    AuditEntry, Broken, ChainReport, Column as AuditColumn, Entity as AuditLog, Finding, KnownEnd, Model as AuditRow,
};
pub use connect::{DbSettings, Synchronous};
pub use error::{DbError, retrying};
pub use find::{DeleteMany, Find, UpdateMany};
pub use rows::Rows;
pub use traces::Traces;
pub use tx::{ReadTx, SystemTx, WriteTx};

/// An entity that belongs to a business.
pub trait Owned: EntityTrait {
    /// The column that names the business.
    const BUSINESS: Self::Column;
}

/// What a commit wakes.
#[derive(Debug, Default)]
pub struct Signals {
    /// A job was written.
    pub jobs: Notify,
    /// An event was written to the outbox.
    pub events: Notify,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    across: Option<DatabaseConnection>,
    backend: DbBackend,
    clock: Clock,
    signals: Arc<Signals>,
    schema: Arc<schema::LastLook>,
    totals: Arc<totals::Totals>,
    url: Arc<str>,
    audit_keys: Arc<audit::ChainKeys>,
}

impl Db {
    /// Connects; the schema is not touched.
    pub async fn open(settings: &DbSettings, clock: Clock) -> Result<Self, DbError> {
        let connect::Connections { writer, reader, across } = connect::open(settings).await?;
        Ok(Self {
            backend: writer.get_database_backend(),
            writer,
            reader,
            across,
            clock,
            signals: Arc::default(),
            schema: Arc::default(),
            totals: Arc::default(),
            url: settings.url.as_str().into(),
            audit_keys: Arc::new(audit::ChainKeys::new(&settings.keys)),
        })
    }

    pub const fn backend(&self) -> DbBackend {
        self.backend
    }

    pub fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn signals(&self) -> &Arc<Signals> {
        &self.signals
    }

    /// The connection for migrations, before anything else runs.
    pub const fn for_migration(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The database's URL, for the listener that needs a connection of its own.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.reader.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Whether the database has every migration that this program knows. Cheap to ask again and again.
    pub async fn schema_is_current(&self) -> Result<bool, DbError> {
        let now = self.clock.now();
        if let Some(current) = self.schema.holds(now) {
            return Ok(current);
        }
        let current = migration::is_current(&self.reader).await?;
        self.schema.note(now, current);
        Ok(current)
    }

    /// A snapshot for reading.
    pub async fn read(&self, scope: &Scope) -> Result<ReadTx, DbError> {
        let tx = self.reader.begin().await?;
        self.set_reach(&tx, Some(scope.reach())).await?;
        Ok(ReadTx::new(self.clone(), tx, scope.clone()))
    }

    /// A transaction for reading and writing. Rolled back unless committed.
    pub async fn write(&self, scope: &Scope) -> Result<WriteTx, DbError> {
        let tx = self.begin_write().await?;
        self.set_reach(&tx, Some(scope.reach())).await?;
        Ok(WriteTx::new(ReadTx::new(self.clone(), tx, scope.clone())))
    }

    /// A transaction over all businesses: for sign-in, webhook routing, claiming jobs. `xtask tidy` lists the files
    /// that may call it.
    pub async fn system(&self, why: &'static str) -> Result<SystemTx, DbError> {
        tracing::trace!(why, "system transaction");
        let tx = self.begin_write().await?;
        self.set_reach(&tx, None).await?;
        Ok(SystemTx::new(self.clone(), tx))
    }

    /// As [`Db::system`], but for reading: on SQLite it does not wait for the writer.
    pub async fn system_read(&self, why: &'static str) -> Result<SystemTx, DbError> {
        tracing::trace!(why, "system read");
        let tx = self.reader.begin().await?;
        self.set_reach(&tx, None).await?;
        Ok(SystemTx::new(self.clone(), tx))
    }

    /// The rows of one statement over all businesses, as [`Db::system_read`] would give them, in fewer rounds: it
    /// stands in the path of every request.
    pub async fn system_rows<M>(&self, why: &'static str, statement: Statement) -> Result<Vec<M>, DbError>
    where
        M: FromQueryResult + Send + Sync,
    {
        if let Some(across) = &self.across {
            return Ok(M::find_by_statement(statement).all(across).await?);
        }
        let tx = self.system_read(why).await?;
        Ok(M::find_by_statement(statement).all(tx.conn()).await?)
    }

    /// Closes the pools; what runs is waited for.
    pub async fn close(self) -> Result<(), DbError> {
        if let Some(across) = self.across {
            across.close().await?;
        }
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }

    async fn begin_write(&self) -> Result<DatabaseTransaction, DbError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (!self.is_postgres()).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Tells row-level security whose rows this transaction may see; `None` is the system.
    async fn set_reach(&self, tx: &DatabaseTransaction, reach: Option<Reach>) -> Result<(), DbError> {
        if !self.is_postgres() {
            return Ok(());
        }
        let (business, system) = match reach {
            Some(Reach::One(business)) => (business.to_string(), "off"),
            Some(Reach::All) | None => (String::new(), "on"),
        };
        tx.execute_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT set_config('app.business_id', $1, true), set_config('app.system', $2, true)",
            [business.into(), system.into()],
        ))
        .await?;
        Ok(())
    }
}
