//! The bridge to WhatsApp Web as a program beside this one: started, started again whenever it ends, and stopped last,
//! so that it can take what the server still sends.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail};
use contracts::whatsapp::Carrier;
use kernel::ExposeSecret;
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::config::{AppEnv, Settings};

/// What it is let know of the environment; the rest holds secrets that are not its own.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "TZ",
    "LOG_LEVEL",
    "NODE_EXTRA_CA_CERTS",
    "WA_WEB_SOCKET_URL",
    "WA_WEB_CERT_PUBLIC_KEY",
    "WA_WEB_MEDIA_URL",
];
/// A bridge that lived this long was well.
const WELL_AFTER: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What is being sent when it is told to end may take this long.
const ENDING: Duration = Duration::from_secs(15);

/// How it is started.
#[derive(Clone, Debug)]
pub struct Bridge {
    script: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// A bridge that is kept running until [`Beside::stop`].
pub struct Beside {
    stop: CancellationToken,
    keeping: JoinHandle<()>,
}

impl Bridge {
    /// The bridge of this folder with what the settings of the server at this address say of it. `None` where nothing
    /// goes by it.
    pub fn of(settings: &Settings, folder: &Path, server: SocketAddr) -> anyhow::Result<Option<Self>> {
        let whatsapp = &settings.whatsapp;
        let on = whatsapp.enabled.contains(&Carrier::Baileys);
        let Some(secret) = whatsapp.shared_secret.as_ref().filter(|_| on) else {
            return Ok(None);
        };
        let script = folder.join("src/main.mjs");
        if !script.is_file() || !folder.join("node_modules").is_dir() {
            bail!(
                "{} holds no bridge with its packages: scripts/npm {0}",
                folder.display()
            );
        }
        let mode = match settings.env {
            AppEnv::Production => "production",
            AppEnv::Testing => "testing",
            AppEnv::Development => "development",
        };
        Ok(Some(Self {
            script,
            variables: vec![
                ("APP_ENV", mode.to_owned()),
                ("WA_SHARED_SECRET", secret.expose_secret().to_owned()),
                (
                    "WA_BAILEYS_PORT",
                    whatsapp.bridge.port().unwrap_or_default().to_string(),
                ),
                ("WA_SESSION_DIR", whatsapp.session_dir.display().to_string()),
                ("WA_SEND_INTERVAL_MS", whatsapp.send_interval.as_millis().to_string()),
                ("SERVER_URL", here(server)),
            ],
        }))
    }

    #[must_use]
    pub fn with(mut self, variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Starts it, and keeps it running.
    pub fn keep_running(self) -> Beside {
        let stop = CancellationToken::new();
        let keeping = tokio::spawn(keep(self, stop.clone()));
        Beside { stop, keeping }
    }

    fn command(&self) -> Command {
        let mut command = node(&self.script);
        command
            .env_clear()
            .envs(
                PASSED_ON
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Beside {
    /// Ends it in order.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.keeping.await;
    }
}

/// A program of ours for Node that ends when its standard input does: whatever kills this process, it does not stay. In a
/// group of its own, so that Ctrl-C at a terminal reaches this process only.
pub fn node(script: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg(script)
        .arg("--until-stdin-ends")
        .stdin(Stdio::piped())
        .stdout(std::io::stderr())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Where the bridge reaches this server.
fn here(mut server: SocketAddr) -> String {
    if server.ip().is_unspecified() {
        server.set_ip(match server {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{server}")
}

async fn keep(bridge: Bridge, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        match run(&bridge, &stop).await {
            Ok(()) => return,
            Err(why) => tracing::warn!(why = format!("{why:#}"), "the bridge to WhatsApp Web is not running"),
        }
        if begun.elapsed() > WELL_AFTER {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// `Ok` when it was told to end.
async fn run(bridge: &Bridge, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut child = bridge.command().spawn().context("node cannot be started")?;
    // Waiting would close it.
    let input = child.stdin.take();
    tracing::info!(pid = child.id(), "the bridge to WhatsApp Web was started");
    tokio::select! {
        ended = child.wait() => bail!("it ended: {}", ended?),
        () = stop.cancelled() => {}
    }
    drop(input);
    end(child).await;
    Ok(())
}

/// Its input is closed; by force when that is not enough.
async fn end(mut child: Child) {
    if timeout(ENDING, child.wait()).await.is_err() {
        tracing::warn!("the bridge to WhatsApp Web did not end in time");
        let _ = child.kill().await;
    }
}
