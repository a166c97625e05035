//! The real program as a process of its own, which can be killed and started again on what it left.

use std::{path::Path, process::Stdio, time::Duration};

use kernel::Role;
use tempfile::TempDir;
use testkit::{Client, Database, PASSWORD, Person, TestDatabase, eventually};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use crate::outside::AUTH_TOKEN;

/// Where Twilio believes these servers to be.
pub const PUBLIC: &str = "https://agent.example.com";
const OWNER: &str = "owner@example.com";
const EXIT_LIMIT: Duration = Duration::from_secs(60);

/// A machine with a database and a disk, on which servers come and go.
pub struct Machine {
    pub variables: Vec<(String, String)>,
    database: TestDatabase,
    dir: TempDir,
}

impl Machine {
    /// With an owner. `None` when the database is not there to test with.
    pub async fn new(kind: Database, settings: Vec<(&'static str, String)>) -> Option<Self> {
        let dir = TempDir::with_prefix("agentlocator-machine-").expect("a directory");
        let database = TestDatabase::make(kind, &dir).await?;
        let mut variables: Vec<(String, String)> = [
            ("APP_ENV", "testing"),
            ("PUBLIC_BASE_URL", PUBLIC),
            ("DATABASE_URL", &database.url),
            ("DATA_DIR", &dir.path().display().to_string()),
            ("SECRET_KEY", "a key of the tests, long enough to pass"),
            ("JWT_SECRET", "a secret of the tests, long enough to do"),
            (
                "TWILIO_ACCOUNT_SID",
                &simulator::standins::Settings::default().account_sid,
            ),
            ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
            ("RATE_AUTH", "off"),
            ("RATE_API", "off"),
            ("LOG_LEVEL", "warn"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        variables.extend(settings.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let machine = Self {
            variables,
            database,
            dir,
        };
        machine.make_owner().await;
        // These servers go by the real clock, and a Sabbath's calls and alarms are others.
        let week = r#"UPDATE businesses SET shabbat = '{"observe": false}'"#;
        Beside::of(&machine).await.run(week).await;
        Some(machine)
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// The program with this machine's settings and nothing else around it.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_agentlocator"));
        program
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.variables.clone())
            .current_dir(self.dir.path())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        program
    }

    async fn make_owner(&self) {
        let mut creating = self
            .program(&[
                "user",
                "create",
                "--email",
                OWNER,
                "--role",
                "owner",
                "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = creating.stdin.take().expect("an input");
        input
            .write_all(format!("{PASSWORD}\n").as_bytes())
            .await
            .expect("written");
        drop(input);
        assert!(creating.wait().await.expect("an end").success());
    }

    pub async fn start(&self, port: u16) -> Server {
        self.start_with(port, &[]).await
    }

    /// `serve` with more arguments.
    pub async fn start_with(&self, port: u16, arguments: &[&str]) -> Server {
        let child = self
            .program(&[&["serve"], arguments].concat())
            .env("PORT", port.to_string())
            .spawn()
            .expect("the program starts");
        let base = format!("http://127.0.0.1:{port}");
        let server = Server {
            client: Client::new(&base),
            base,
            child,
        };
        eventually("a server that is ready", || async {
            server.is_ready().await.then_some(())
        })
        .await;
        server
    }

    pub async fn end(self) {
        self.database.remove().await;
    }
}

/// A look at the database of processes that run beside this one.
pub struct Beside(sea_orm::DatabaseConnection);

impl Beside {
    pub async fn of(machine: &Machine) -> Self {
        let url = machine
            .variables
            .iter()
            .find(|(name, _)| name == "DATABASE_URL")
            .expect("a URL");
        let mut options = sea_orm::ConnectOptions::new(url.1.clone());
        options.max_connections(1).sqlx_logging(false);
        let beside = Self(sea_orm::Database::connect(options).await.expect("connected"));
        if sea_orm::ConnectionTrait::get_database_backend(&beside.0) == sea_orm::DbBackend::Postgres {
            beside.run("SELECT set_config('app.system', 'on', false)").await;
        }
        beside
    }

    pub async fn run(&self, sql: &str) {
        sea_orm::ConnectionTrait::execute_unprepared(&self.0, sql)
            .await
            .expect("executed");
    }

    /// On PostgreSQL.
    pub async fn number(&self, sql: &str) -> f64 {
        let asked =
            sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, format!("SELECT ({sql})::float8 AS n"));
        let row = sea_orm::ConnectionTrait::query_one_raw(&self.0, asked)
            .await
            .expect("a number")
            .expect("a number");
        row.try_get("", "n").expect("a number")
    }
}

/// Who made the machine.
pub fn owner() -> Person {
    Person {
        id: 0,
        business_id: 0,
        email: OWNER.to_owned(),
        role: Role::Owner,
    }
}

/// A port that is free, from below the range out of which the system gives ports to anyone who asks: between this answer
/// and its use no other test's connection can take it.
pub fn free_port() -> u16 {
    let free = || {
        let port = rand::random_range(20_000..30_000);
        std::net::TcpListener::bind(("127.0.0.1", port)).ok().map(|_| port)
    };
    std::iter::repeat_with(free)
        .take(1_000)
        .flatten()
        .next()
        .expect("a free port")
}

/// A running process; killed when dropped.
pub struct Server {
    pub base: String,
    pub client: Client,
    child: Child,
}

impl Server {
    pub async fn is_ready(&self) -> bool {
        let asked = self.client.http().get(format!("{}/readyz", self.base));
        asked.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// As its owner.
    pub async fn sign_in(&self) -> Client {
        self.client.sign_in(&owner()).await
    }

    /// The most memory that it has had, in MiB; 0 where the system does not say.
    pub fn peak_memory_mb(&self) -> u64 {
        let status = self
            .child
            .id()
            .map(|id| std::fs::read_to_string(format!("/proc/{id}/status")));
        let status = status.and_then(Result::ok).unwrap_or_default();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap_or_default();
        let kb = line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok());
        kb.unwrap_or_default() / 1024
    }

    /// The system's number of the process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// `kill -TERM`, as who deploys does.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("sent");
        assert!(sent.success());
    }

    /// Waits for its own end.
    pub async fn ended(mut self) -> std::process::ExitStatus {
        let ended = tokio::time::timeout(EXIT_LIMIT, self.child.wait()).await;
        ended.expect("it ends in time").expect("it ends")
    }
}
