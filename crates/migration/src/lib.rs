//! The database's schema: additive changes, each in a file of its own, run at start under a lock.
//!
//! A failed migration leaves nothing behind, because each run is one transaction on both databases.

mod ddl;
mod m0001_foundation;
mod m0002_people;
mod m0003_security;
mod m0004_alarms;
mod m0005_customers;
mod m0006_search;
mod m0007_imports;
mod m0008_deals;
mod m0009_whatsapp;
mod m0010_imports;
mod statistics;

use sea_orm_migration::{
    MigratorTrait,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QuerySelect, TransactionTrait},
    seaql_migrations,
};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0002_people::Migration),
            Box::new(m0003_security::Migration),
            Box::new(m0004_alarms::Migration),
            Box::new(m0005_customers::Migration),
            Box::new(m0006_search::Migration),
            Box::new(m0007_imports::Migration),
            Box::new(m0008_deals::Migration),
            Box::new(m0009_whatsapp::Migration),
            Box::new(m0010_imports::Migration),
        ]
    }
}

/// The table of what was applied.
const APPLIED: &str = "seaql_migrations";

/// The advisory lock under which PostgreSQL migrates; any constant of our own will do.
const POSTGRES_LOCK: i64 = 0x6167_6c6f_6361_746f;

/// Applies what is missing and gives the names of what was applied.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let tx = db.begin().await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({POSTGRES_LOCK})"))
            .await?;
    }
    let pending: Vec<String> = Migrator::get_pending_migrations(&tx)
        .await?
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    if !pending.is_empty() {
        Migrator::up(&tx, None).await?;
        if tx.get_database_backend() == DbBackend::Sqlite {
            statistics::assume(&tx).await?;
        }
    }
    tx.commit().await?;
    Ok(pending)
}

/// Whether the database has every migration that this program knows; a newer program may have added more. Only reads.
pub async fn is_current(db: &DatabaseConnection) -> Result<bool, DbErr> {
    if !SchemaManager::new(db).has_table(APPLIED).await? {
        return Ok(false);
    }
    let applied: Vec<String> = seaql_migrations::Entity::find()
        .select_only()
        .column(seaql_migrations::Column::Version)
        .into_tuple()
        .all(db)
        .await?;
    let known = Migrator::migrations();
    Ok(known
        .iter()
        .all(|migration| applied.iter().any(|name| name == migration.name())))
}
