//! What the database's planner knows of how large tables are.

use sea_orm::{ConnectionTrait, DbBackend};

use super::{DbError, WriteTx};

impl WriteTx {
    /// Has PostgreSQL measure these tables, which discards every plan that was made for them while they were smaller. By
    /// itself it does so only when its autovacuum comes round. SQLite measures when a connection is closed.
    pub async fn measure(&self, tables: &[&'static str]) -> Result<(), DbError> {
        if self.backend() == DbBackend::Postgres {
            let sql = format!("ANALYZE {}", tables.join(", "));
            self.conn().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
