//! What a database can answer instead of rows.

use std::{future::Future, time::Duration};

use kernel::Problem;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failed database call.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Not reachable, or no connection came free in time.
    #[error("the database is not reachable")]
    Unreachable(#[source] DbErr),
    /// Another transaction was in the way; the same work may be tried again.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// A row with this key is there already.
    #[error("a unique key is taken")]
    Duplicate(#[source] DbErr),
    /// A row belongs to one that is not there.
    #[error("a foreign key leads nowhere")]
    Orphan(#[source] DbErr),
    /// PostgreSQL can not hold a value: a NUL in a text, a time beyond its calendar.
    #[error("a value is none of the database's")]
    Unfit(#[source] DbErr),
    #[error("the database refused a statement")]
    Failed(#[source] DbErr),
}

impl DbError {
    pub const fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate(_))
    }

    /// What the database said.
    pub const fn cause(&self) -> &DbErr {
        match self {
            Self::Unreachable(err)
            | Self::Busy(err)
            | Self::Duplicate(err)
            | Self::Orphan(err)
            | Self::Unfit(err)
            | Self::Failed(err) => err,
        }
    }

    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy(_))
    }
}

impl From<DbErr> for DbError {
    fn from(err: DbErr) -> Self {
        match err.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Duplicate(err),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Orphan(err),
            _ => {}
        }
        match &err {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unreachable(err),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
                match kind(inner) {
                    Kind::Unreachable => Self::Unreachable(err),
                    Kind::Busy => Self::Busy(err),
                    Kind::Unfit => Self::Unfit(err),
                    Kind::Other => Self::Failed(err),
                }
            }
            _ => Self::Failed(err),
        }
    }
}

enum Kind {
    Unreachable,
    Busy,
    Unfit,
    Other,
}

fn kind(err: &sqlx::Error) -> Kind {
    match err {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
            Kind::Unreachable
        }
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // SQLITE_BUSY, SQLITE_LOCKED and their extended forms; PostgreSQL's serialization failure and deadlock.
            Some("5" | "6" | "261" | "517" | "773" | "262" | "40001" | "40P01") => Kind::Busy,
            // PostgreSQL is shutting down, starting, or out of connections; SQLite can not open or write its file.
            Some("57P01" | "57P02" | "57P03" | "53300" | "08006" | "10" | "13" | "14") => Kind::Unreachable,
            // A NUL in a text and in a document, a time out of range.
            Some("22021" | "22P05" | "22008") => Kind::Unfit,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

impl From<DbError> for Problem {
    fn from(err: DbError) -> Self {
        match &err {
            DbError::Unreachable(source) | DbError::Busy(source) => {
                tracing::error!(error = %source, "database unavailable");
                let mut problem = Self::new(503, "database_unavailable", "the database does not answer");
                problem.retry_after_seconds = Some(1);
                problem
            }
            DbError::Duplicate(source) => {
                tracing::info!(error = %source, "unique key taken");
                Self::conflict("already_exists", "a record like this exists already")
            }
            DbError::Orphan(source) => {
                tracing::info!(error = %source, "what a record belongs to is not there");
                Self::not_found()
            }
            DbError::Unfit(source) => {
                tracing::warn!(error = %source, "a value that can not be kept");
                Self::new(
                    422,
                    "invalid",
                    "a value can not be kept: it has a NUL character, or is a time out of range",
                )
            }
            DbError::Failed(source) => {
                tracing::error!(error = %source, "database statement failed");
                Self::internal()
            }
        }
    }
}

/// How often a transaction that met another one is tried.
const TRIES: u32 = 5;

/// Runs a whole transaction again when another one was in its way (SQLite busy, PostgreSQL serialization failure or
/// deadlock).
pub async fn retrying<T, F, Fut>(mut work: F) -> Result<T, DbError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, DbError>>,
{
    let mut tried = 0;
    loop {
        match work().await {
            Err(DbError::Busy(err)) if tried + 1 < TRIES => {
                tried += 1;
                tracing::debug!(error = %err, tried, "transaction met another one, again");
                tokio::time::sleep(Duration::from_millis(u64::from(tried) * 20)).await;
            }
            other => return other,
        }
    }
}
