//! The databases that tests run on: a SQLite file, and PostgreSQL when `TEST_POSTGRES_URL` names a server.

use kernel::{Actor, BusinessId, Clock, Permission, Reach, Role, Scope, UserId, Visibility};
use sea_orm::{ConnectionTrait, Database};

use crate::{
    db::{Db, DbSettings},
    http::request_id,
    keys::MasterKeys,
};

pub struct TestDatabase {
    pub url: String,
    pub db: Db,
    _dir: tempfile::TempDir,
}

impl TestDatabase {
    /// What another process would open.
    pub async fn another_process(&self) -> Db {
        Db::open(&DbSettings::new(self.url.clone(), keys()), Clock::System)
            .await
            .expect("a database")
    }
}

/// The same for every process of a test.
pub fn keys() -> MasterKeys {
    MasterKeys::new("a key of the tests".into(), Vec::new())
}

/// A fresh, migrated database of each kind, with the businesses 1 and 2.
pub async fn all() -> Vec<TestDatabase> {
    let mut databases = vec![sqlite(Clock::System).await];
    databases.extend(postgres(Clock::System).await);
    databases
}

pub async fn all_with(clock: &Clock) -> Vec<TestDatabase> {
    let mut databases = vec![sqlite(clock.clone()).await];
    databases.extend(postgres(clock.clone()).await);
    databases
}

async fn sqlite(clock: Clock) -> TestDatabase {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}/test.db", dir.path().display());
    open(url, dir, clock).await
}

/// `None` when there is no server to test on.
pub async fn postgres(clock: Clock) -> Option<TestDatabase> {
    #[expect(clippy::disallowed_methods, reason = "tests are told of a server by the environment")]
    let server = std::env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("platform_{}", request_id::fresh().replace('-', ""));
    let connection = Database::connect(&server).await.expect("a server");
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a new database");
    connection.close().await.expect("closed");
    let mut url: url::Url = server.parse().expect("a URL");
    url.set_path(&name);
    Some(open(url.to_string(), tempfile::tempdir().expect("a directory"), clock).await)
}

async fn open(url: String, dir: tempfile::TempDir, clock: Clock) -> TestDatabase {
    let db = Db::open(&DbSettings::new(url.clone(), keys()), clock)
        .await
        .expect("a database");
    migration::up(db.for_migration()).await.expect("migrated");
    let tx = db.system("tests").await.expect("a transaction");
    for business in [1, 2] {
        tx.conn()
            .execute_unprepared(&format!(
                "INSERT INTO businesses (id, name, modules, hours, holidays, call_out_order, sentences, facts, created_at, \
                 updated_at) VALUES ({business}, 'business {business}', '{{}}', '{{}}', '[]', '[]', '{{}}', '{{}}', \
                 '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')"
            ))
            .await
            .expect("a business");
    }
    tx.commit().await.expect("committed");
    TestDatabase { url, db, _dir: dir }
}

/// A person of a business, who may do everything that an agent may.
pub fn person(business: i64, user: i64) -> Scope {
    Scope::mint(
        Reach::One(BusinessId::new(business)),
        Actor::User {
            id: UserId::new(user),
            role: Role::Agent,
            session_id: 1,
        },
        Permission::ALL.iter().copied().collect(),
        Visibility::All,
        "test-request",
    )
}

/// Waits until something is so; fails the test after ten seconds.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !is_so().await {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain: {what}");
}
