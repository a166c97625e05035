//! The server under test.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use agentlocator::{
    config::{Settings, Variables},
    wire,
};
use app::AppState;
use chrono::{TimeDelta, TimeZone, Utc};
use kernel::{Clock, TestClock};
use reqwest::Method;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use tempfile::TempDir;

use crate::{Answer, Business, Client, Database, Person, database::TestDatabase, eventually, people, webhook};

/// Where Twilio is told that the server stands; what it signs.
const PUBLIC: &str = "https://agent.example.com";
const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The server's, for a command that runs beside it.
pub const SECRET_KEY: &str = "a key of the tests, long enough to pass";
const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";

/// Settings that differ from those of every test.
#[derive(Clone, Debug, Default)]
pub struct Changes(Vec<(String, String)>);

impl<N: Into<String>, V: Into<String>> From<Vec<(N, V)>> for Changes {
    fn from(changes: Vec<(N, V)>) -> Self {
        Self(
            changes
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Audited {
    pub actor_id: Option<i64>,
    pub acting_as_id: Option<i64>,
    pub record_id: Option<i64>,
    pub changes: serde_json::Value,
}

/// The real server in this process, with two businesses.
pub struct TestApp {
    /// The product itself, for what a test must see from inside.
    pub state: AppState,
    /// Stands still at noon of a Wednesday in Israel, when businesses are open, until it is moved.
    pub clock: TestClock,
    pub a: Business,
    pub b: Business,
    /// Of business a; an admin sees all.
    pub admin: Person,
    pub address: SocketAddr,
    /// Not signed in.
    pub client: Client,
    /// Takes what the server mails.
    pub mails: simulator::mail::Running,
    running: wire::Running,
    database: TestDatabase,
    may_leave_jobs: AtomicBool,
    // Last: the files go after the server.
    dir: TempDir,
}

impl TestApp {
    /// `None` when the database is not there to test with.
    pub async fn start(kind: Database, changes: Changes) -> Option<Self> {
        let dir = TempDir::with_prefix("agentlocator-test-").expect("a directory");
        let database = TestDatabase::make(kind, &dir).await?;
        let clock = TestClock::at(Utc.with_ymd_and_hms(2026, 11, 18, 10, 0, 0).single().expect("a time"));
        let mails = simulator::mail::start(simulator::mail::Settings::default())
            .await
            .expect("a mail server");
        let settings =
            Settings::read(&variables(&database, &dir, &mails, changes)).unwrap_or_else(|report| panic!("{report}"));
        let server = wire::build(&settings, Clock::Test(clock.clone()))
            .await
            .expect("a server");
        let people = people::settle(&server.app.db).await;
        let running = server.listen(settings.http.address()).await.expect("a free port");
        let address = running.address;
        Some(Self {
            state: running.app.clone(),
            clock,
            a: people.a,
            b: people.b,
            admin: people.admin,
            address,
            client: Client::new(&format!("http://{address}")),
            mails,
            running,
            database,
            may_leave_jobs: AtomicBool::new(false),
            dir,
        })
    }

    /// A client with the person's access token.
    pub async fn sign_in(&self, person: &Person) -> Client {
        self.client.sign_in(person).await
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Posts a form as Twilio does, signed with the account's token.
    pub async fn webhook(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = owned(fields);
        let signature = webhook::signature(AUTH_TOKEN, &format!("{PUBLIC}{path}"), &fields);
        self.unsigned(path, &fields, Some(&signature)).await
    }

    /// The same with a signature of one's own making, or none.
    pub async fn webhook_signed_as(&self, path: &str, fields: &[(&str, &str)], signature: Option<&str>) -> Answer {
        self.unsigned(path, &owned(fields), signature).await
    }

    async fn unsigned(&self, path: &str, fields: &[(String, String)], signature: Option<&str>) -> Answer {
        let mut request = self.client.request(Method::POST, path).form(fields);
        if let Some(signature) = signature {
            request = request.header("X-Twilio-Signature", signature);
        }
        self.client.send(request).await
    }

    /// The signature that Twilio would send with these fields.
    pub fn signature(path: &str, fields: &[(&str, &str)]) -> String {
        webhook::signature(AUTH_TOKEN, &format!("{PUBLIC}{path}"), &owned(fields))
    }

    pub const fn account_sid(&self) -> &'static str {
        ACCOUNT_SID
    }

    /// Changes the database behind the server's back, for what has no operation yet. `$1` on both databases.
    pub async fn sql(&self, statement: &str, values: Vec<sea_orm::Value>) {
        let tx = self
            .state
            .db
            .system("test: behind the server's back")
            .await
            .expect("a transaction");
        let statement = Statement::from_sql_and_values(self.state.db.backend(), statement, values);
        tx.conn().execute_raw(statement).await.expect("executed");
        tx.commit().await.expect("committed");
    }

    /// What the audit log says of an action in a business, oldest first.
    pub async fn audited(&self, business_id: i64, action: &str) -> Vec<Audited> {
        let tx = self
            .state
            .db
            .system_read("test: the audit log")
            .await
            .expect("a transaction");
        Audited::find_by_statement(Statement::from_sql_and_values(
            self.state.db.backend(),
            "SELECT actor_id, acting_as_id, record_id, changes FROM audit_log \
             WHERE business_id = $1 AND action = $2 ORDER BY id",
            [business_id.into(), action.into()],
        ))
        .all(tx.conn())
        .await
        .expect("entries")
    }

    /// For a command that runs beside the server.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Where the server keeps its files.
    pub fn data_dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Waits until no job is due or running any more.
    pub async fn jobs_done(&self) {
        eventually("jobs to end", || async {
            self.unfinished_jobs(true).await.is_empty().then_some(())
        })
        .await;
    }

    /// This story means to leave jobs behind.
    pub fn leaves_jobs(&self) {
        self.may_leave_jobs.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn leftover_jobs(&self) -> Vec<String> {
        if self.may_leave_jobs.load(Ordering::Relaxed) {
            return Vec::new();
        }
        self.jobs_done().await;
        if !self.unfinished_jobs(false).await.is_empty() {
            // One that was put off, as after two writers met, is given its second chance.
            self.advance(TimeDelta::hours(1));
            self.jobs_done().await;
        }
        self.unfinished_jobs(false).await
    }

    /// Kinds of jobs that wait or run; with `due_only`, those whose time has come.
    async fn unfinished_jobs(&self, due_only: bool) -> Vec<String> {
        let tx = self
            .state
            .db
            .system_read("test: jobs left")
            .await
            .expect("a transaction");
        let (due, values) = if due_only {
            ("AND run_at <= $1", vec![self.clock.now().into()])
        } else {
            ("", Vec::new())
        };
        // What the clock starts over and over is no story's leftover.
        let sql = format!(
            "SELECT kind, state FROM jobs WHERE state IN ('queued', 'running') {due} \
             AND (dedupe_key IS NULL OR dedupe_key <> '0:scheduled')"
        );
        let statement = Statement::from_sql_and_values(self.state.db.backend(), sql, values);
        let rows = tx.conn().query_all_raw(statement).await.expect("jobs");
        rows.iter()
            .map(|row| {
                let kind: String = row.try_get("", "kind").expect("a kind");
                let state: String = row.try_get("", "state").expect("a state");
                format!("{kind} ({state})")
            })
            .collect()
    }

    pub(crate) async fn end(self) {
        let Self {
            state,
            running,
            database,
            dir,
            ..
        } = self;
        running.stop(std::time::Duration::from_secs(10)).await.expect("stopped");
        let db = state.db.clone();
        drop(state);
        db.close().await.expect("closed");
        database.remove().await;
        dir.close().expect("removed");
    }
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Nothing outside this machine can be reached with these: no key, and no voice from the internet.
fn variables(database: &TestDatabase, dir: &TempDir, mails: &simulator::mail::Running, changes: Changes) -> Variables {
    let smtp = mails.url.to_string();
    let dir = dir.path().display().to_string();
    let mut all: BTreeMap<String, String> = [
        ("APP_ENV", "testing"),
        ("PORT", "0"),
        ("PUBLIC_BASE_URL", PUBLIC),
        ("DATABASE_URL", &database.url),
        ("DATA_DIR", &dir),
        ("SECRET_KEY", SECRET_KEY),
        ("JWT_SECRET", "a secret of the tests, long enough to do"),
        ("TWILIO_ACCOUNT_SID", ACCOUNT_SID),
        ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
        // A closed port: what would be sent to Twilio fails at once.
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
        ("SMTP_URL", &smtp),
        ("MAIL_FROM", "AgentLocator <office@agent.example.com>"),
        ("TTS_ORDER", "espeak"),
        ("RATE_AUTH", "off"),
        ("RATE_SEND", "off"),
        ("RATE_API", "off"),
        ("RATE_WEBHOOK_UNVERIFIED", "off"),
        ("RATE_WEBHOOK_VERIFIED", "off"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    all.extend(changes.0);
    all.into_iter().collect()
}
