//! An empty database for one test, gone afterwards.

use std::path::PathBuf;

use sea_orm::{ConnectOptions, ConnectionTrait};
use tempfile::TempDir;

/// On which database a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The database of one test.
pub struct TestDatabase {
    pub url: String,
    /// The server's URL and the name of the database to drop.
    drop: Option<(String, String)>,
}

impl TestDatabase {
    /// `None` when there is no PostgreSQL to test with.
    pub async fn make(kind: Database, dir: &TempDir) -> Option<Self> {
        match kind {
            Database::Sqlite => Some(Self {
                url: format!("sqlite:///{}", file(dir).display()),
                drop: None,
            }),
            Database::Postgres => Self::on_postgres().await,
        }
    }

    async fn on_postgres() -> Option<Self> {
        let Some(server) = server() else {
            eprintln!("SKIPPED: TEST_POSTGRES_URL is not set, so this was not tested on PostgreSQL");
            assert!(
                std::env::var_os("CI").is_none() || std::env::var_os("AGENTLOCATOR_TEST_SQLITE_ONLY").is_some(),
                "CI must test on PostgreSQL: set TEST_POSTGRES_URL (scripts/postgres does)"
            );
            return None;
        };
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        run(&server, &format!("CREATE DATABASE {name}")).await;
        let mut url: url::Url = server.parse().expect("TEST_POSTGRES_URL is a URL");
        url.set_path(&name);
        Some(Self {
            url: url.into(),
            drop: Some((server, name)),
        })
    }

    pub async fn remove(self) {
        if let Some((server, name)) = self.drop {
            run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

fn file(dir: &TempDir) -> PathBuf {
    dir.path().join("test.db")
}

fn server() -> Option<String> {
    std::env::var_os("TEST_POSTGRES_URL")
        .and_then(|url| url.into_string().ok())
        .filter(|url| !url.is_empty())
}

async fn run(server: &str, statement: &str) {
    let mut options = ConnectOptions::new(server);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options)
        .await
        .expect("TEST_POSTGRES_URL answers");
    db.execute_unprepared(statement)
        .await
        .expect("a database can be made and dropped");
    db.close().await.expect("closed");
}
