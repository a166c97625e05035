//! `agentlocator serve`: answers calls and browsers until SIGTERM or Ctrl-C.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use kernel::Clock;
use platform::telemetry::{self, LogFormat, LogGuard, LogSettings};

use crate::{
    bridge::Bridge,
    config::{self, Settings},
    wire,
};

/// How long requests may take to finish after the last call has ended.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Also run the bridge to WhatsApp Web of this folder, and start it again when it ends.
    #[arg(long, value_name = "FOLDER")]
    bridge: Option<PathBuf>,
}

pub async fn run(settings: Settings, args: ServeArgs) -> anyhow::Result<ExitCode> {
    let _logs = logs(&settings)?;
    for note in &settings.notes {
        tracing::warn!("{note}");
    }
    let server = wire::build(&settings, Clock::System).await?;
    let setup = server.app.setup.open_if_empty(&server.app.db).await?;
    let running = server.listen(settings.http.address()).await?;
    let origin = settings
        .http
        .public_base_url
        .as_ref()
        .map_or_else(|| format!("http://{}", running.address), ToString::to_string);
    tracing::info!(address = %running.address, "listening");
    let bridge = match &args.bridge {
        Some(folder) => Bridge::of(&settings, folder, running.address)?.map(Bridge::keep_running),
        None => None,
    };
    if let Some(token) = setup {
        announce(&format!(
            "No one can sign in yet. Make the first owner here, once: {origin}/setup?token={token}"
        ));
    }
    stop_signal().await?;
    running.app.drain.begin();
    tracing::info!("draining");
    running.stop(LAST_REQUESTS).await?;
    if let Some(bridge) = bridge {
        bridge.stop().await;
    }
    settings.database.url.remove_temporary();
    Ok(ExitCode::SUCCESS)
}

/// For the person at the terminal, not for the log: the address opens the server.
#[expect(clippy::print_stdout, reason = "a command speaks to the terminal")]
fn announce(line: &str) {
    println!("{line}");
}

fn logs(settings: &Settings) -> anyhow::Result<LogGuard> {
    Ok(telemetry::init(&LogSettings {
        filter: settings.logs.filter.clone(),
        format: match settings.logs.format {
            config::LogFormat::Plain => LogFormat::Plain,
            config::LogFormat::Json => LogFormat::Json,
        },
        dir: settings.logs.dir.clone(),
    })?)
}

async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).context("SIGTERM can not be listened for")?;
    tokio::select! {
        _ = term.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
