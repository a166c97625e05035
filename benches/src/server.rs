//! The server under measurement, as a process of its own on a core of its own.

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use crate::{SERVER_CORE, machine};

pub const AUTH_TOKEN: &str = "a token for measuring, not for use";
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
const READY_WITHIN: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub port: u16,
    /// From the process's start to the first 200 of `/readyz`.
    pub ready_after: Duration,
}

/// Which database, and how it is set.
#[derive(Clone, Debug)]
pub struct Database {
    pub name: String,
    pub url: String,
    pub synchronous: Option<&'static str>,
}

impl Server {
    /// Starts the server and waits until it is ready. Its log goes into `dir`.
    pub async fn start(
        program: &Path,
        dir: &Path,
        database: &Database,
        more: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let log = File::create(dir.join("server.log"))?;
        let mut command = Command::new("taskset");
        command
            .args(["-c", &SERVER_CORE.to_string()])
            .arg(program)
            .arg("serve")
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/local/bin")
            .current_dir(dir)
            .env("PORT", port.to_string())
            .env("DATABASE_URL", &database.url)
            .env("DATA_DIR", dir.join("data"))
            .env("PUBLIC_BASE_URL", format!("http://127.0.0.1:{port}"))
            .env("TWILIO_ACCOUNT_SID", ACCOUNT)
            .env("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
            .env("RATE_WEBHOOK_VERIFIED", "off")
            .env("RATE_WEBHOOK_UNVERIFIED", "off")
            .env("LOG_LEVEL", "warn")
            .env("MAX_CONCURRENT_CALLS", "100000")
            .envs(more.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log));
        if let Some(synchronous) = database.synchronous {
            command.env("SQLITE_SYNCHRONOUS", synchronous);
        }
        let begun = Instant::now();
        let child = command.spawn().context("taskset (package util-linux)")?;
        let mut server = Self {
            child,
            port,
            ready_after: Duration::ZERO,
        };
        server.ready_after = server.wait_ready(begun).await?;
        Ok(server)
    }

    async fn wait_ready(&mut self, begun: Instant) -> anyhow::Result<Duration> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        while begun.elapsed() < READY_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server stopped with {status}; see server.log");
            }
            if http
                .get(&url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("the server was not ready within a minute")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        machine::cpu_seconds(self.child.id())
    }

    pub fn memory(&self) -> anyhow::Result<machine::Memory> {
        machine::resident_mib(self.child.id())
    }

    /// SIGTERM, and the end is waited for.
    pub fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already after `stop`.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
