//! Many spoken calls at once: the server's own share of a turn's latency, its CPU time and memory per call.
//!
//! The providers are stand-ins at zero delay in this process. A turn's own share is what the server notes of it
//! (`turn_metrics`) less the silence window that it waits for: recogniser, model and synthesiser stand-ins are still
//! in it, so it is an upper bound. A row whose frames left this program more than 5 ms late at p99 is marked.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use simulator::{
    call::{Answering, Manners, Options, Paths, Plan, Spoken},
    load::{self, Load},
    report::Summary,
    script,
    standins::{self, Settings, VoiceKind},
    twilio::{
        forms::Parties,
        post::{Manner, Poster},
        sids::sid,
    },
};
use url::Url;

use crate::{
    Cli, machine,
    server::{ACCOUNT, AUTH_TOKEN, Database, Server},
};

#[derive(clap::Args)]
pub struct Args {
    /// How many calls at once, one row each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 50, 100, 200, 500, 800])]
    calls: Vec<usize>,
    /// Calls that begin in one second.
    #[arg(long, default_value_t = 100.0)]
    per_second: f64,
}

/// What each caller says; long enough that all calls run at once.
const SAID: [&str; 8] = ["name", "need", "when", "need", "when", "need", "when", "no"];
/// How long after the last call memory is looked at again.
const SETTLE: Duration = Duration::from_secs(15);

pub async fn run(cli: &Cli, args: &Args) -> anyhow::Result<()> {
    println!(
        "| calls | at once, on average | turns | own share p50 ms | p95 ms | interruption to clear p95 ms | underruns | CPU % per call | MiB per call | MiB after | our frames late p99 ms | valid |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for calls in &args.calls {
        let dir = tempfile::tempdir()?;
        row(cli, args, *calls, dir.path()).await?;
    }
    Ok(())
}

async fn row(cli: &Cli, args: &Args, calls: usize, dir: &Path) -> anyhow::Result<()> {
    let stand_ins = standins::start(Settings {
        voice: VoiceKind::Tones,
        account_sid: ACCOUNT.to_owned(),
        auth_token: AUTH_TOKEN.to_owned(),
        ..Settings::default()
    })
    .await?;
    let server = start(cli, dir, &stand_ins.base).await?;
    let idle = server.memory()?;
    let cpu = server.cpu_seconds()?;
    let said = what_is_said(&stand_ins.base).await?;
    let watch = tokio::spawn(watch(server.id()));
    let began = Instant::now();
    let summary = place(&server, said, args, calls).await?;
    let took = began.elapsed();
    let cpu = server.cpu_seconds()? - cpu;
    watch.abort();
    let peak = PEAK.swap(0, std::sync::atomic::Ordering::SeqCst);
    tokio::time::sleep(SETTLE).await;
    let after = server.memory()?;
    server.stop()?;
    let own = own_shares(&dir.join("server.log"))?;
    print_row(
        calls,
        &summary,
        &own,
        &Used {
            took,
            cpu,
            idle,
            peak,
            after,
        },
    );
    Ok(())
}

async fn start(cli: &Cli, dir: &Path, stand_ins: &Url) -> anyhow::Result<Server> {
    let database = Database {
        name: "SQLite".to_owned(),
        url: format!("sqlite:///{}", dir.join("bench.db").display()),
        synchronous: None,
    };
    let more = [
        ("OPENAI_BASE_URL", format!("{stand_ins}v1")),
        ("TWILIO_API_BASE", stand_ins.to_string()),
        ("TTS_ORDER", "openai".to_owned()),
        (
            "LOG_LEVEL",
            "warn,app::channels::voice::media::telemetry=info".to_owned(),
        ),
    ];
    Server::start(&cli.server, dir, &database, &more).await
}

async fn what_is_said(stand_ins: &Url) -> anyhow::Result<Vec<Arc<Spoken>>> {
    let mut said = Vec::new();
    for key in SAID {
        said.push(script::spoken(key).await?);
    }
    script::tell(&simulator::http_client()?, stand_ins, &said).await?;
    Ok(said)
}

async fn place(server: &Server, said: Vec<Arc<Spoken>>, args: &Args, calls: usize) -> anyhow::Result<Summary> {
    let base: Url = server.base().parse()?;
    let http = simulator::http_client()?;
    let plan = |n: usize| {
        let manner = Manner {
            auth_token: AUTH_TOKEN.to_owned(),
            public_base: base.clone(),
            server: base.clone(),
            copies: 1,
            bad_signature: false,
            headers: Vec::new(),
        };
        let plan = Plan {
            parties: Parties {
                account_sid: ACCOUNT.to_owned(),
                call_sid: sid("CA"),
                from: format!("+9725{n:08}"),
                to: "+97231234567".to_owned(),
                forwarded_from: None,
                direction: "inbound",
            },
            poster: Poster::new(http.clone(), manner),
            desk: None,
            steps: script::steps(&said, &[2], 900).into(),
            manners: Manners {
                pause_ms: 700,
                patience_ms: 15_000,
                linger_ms: Some(1_500),
            },
            paths: Paths::default(),
            drop_after: None,
            dialled: Answering::default(),
            options: Options {
                keep_audio: false,
                skip_play: true,
                ..Options::default()
            },
        };
        async move { plan }
    };
    let ramp = Duration::from_secs_f64(f64::from(u32::try_from(calls)?) / args.per_second);
    Ok(load::run(Load { calls, ramp }, plan, |_, _| ()).await)
}

/// The largest resident memory that was seen, in KiB.
static PEAK: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

async fn watch(pid: u32) {
    while let Ok(kib) = machine::resident_kib(pid) {
        PEAK.fetch_max(kib, std::sync::atomic::Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Milliseconds of each turn's `turn_metrics` line: total less silence window, sorted.
fn own_shares(log: &Path) -> anyhow::Result<Vec<f64>> {
    let log = std::fs::read_to_string(log).context("server.log")?;
    let number = |line: &str, name: &str| {
        let rest = line.split_once(&format!(" {name}="))?.1;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    };
    let mut shares: Vec<f64> = log
        .lines()
        .filter(|line| line.contains("turn_metrics"))
        .filter_map(|line| Some(number(line, "t_total_ms")? - number(line, "t_window_ms")?))
        .collect();
    shares.sort_by(f64::total_cmp);
    Ok(shares)
}

struct Used {
    took: Duration,
    cpu: f64,
    idle: machine::Memory,
    /// KiB.
    peak: u64,
    after: machine::Memory,
}

fn print_row(calls: usize, summary: &Summary, own: &[f64], used: &Used) {
    let at = |share: usize| {
        own.get((own.len() * share / 100).min(own.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    let many = f64::from(u32::try_from(calls).unwrap_or(u32::MAX));
    let frames = f64::from(u32::try_from(summary.pace.frames).unwrap_or(u32::MAX));
    let call_seconds = frames * 0.02;
    let peak = f64::from(u32::try_from(used.peak).unwrap_or(u32::MAX)) / 1024.0;
    let clear = summary
        .clear_after_window_ms
        .as_ref()
        .map_or(f64::NAN, |spread| spread.p95);
    println!(
        "| {calls} | {:.0} | {} | {:.0} | {:.0} | {clear:.0} | {} | {:.3} | {:.2} | {:.0} | {:.1} | {} |",
        call_seconds / used.took.as_secs_f64(),
        own.len(),
        at(50),
        at(95),
        summary.underruns,
        used.cpu / call_seconds * 100.0,
        (peak - used.idle.resident) / many,
        used.after.resident,
        summary.pace.p99_ms,
        if summary.valid { "yes" } else { "no" },
    );
    for example in &summary.error_examples {
        println!("    {example}");
    }
}
