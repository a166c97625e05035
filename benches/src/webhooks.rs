//! Throughput of signed `incoming_call` webhooks, each a new call of a new or known caller, with its database write.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use simulator::twilio::sign::{Fields, signature};

use crate::{
    Cli, machine,
    server::{ACCOUNT, AUTH_TOKEN, Database, Server},
};

#[derive(clap::Args)]
pub struct Args {
    /// Webhooks in all.
    #[arg(long, default_value_t = 20_000)]
    requests: usize,
    /// Connections that send one after another.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// So many different callers; one in ten is new at the beginning.
    #[arg(long, default_value_t = 2_000)]
    callers: usize,
}

/// What one run gave.
struct Measured {
    per_core_second: f64,
    per_second: f64,
    p50: Duration,
    p99: Duration,
    database_cpu: f64,
}

pub async fn run(cli: &Cli, args: &Args) -> anyhow::Result<()> {
    println!("| database | webhooks per core-second | per second | p50 ms | p99 ms | PostgreSQL's own CPU s |");
    println!("|---|---|---|---|---|---|");
    for (name, synchronous) in [
        ("SQLite, synchronous=FULL", "full"),
        ("SQLite, synchronous=NORMAL", "normal"),
    ] {
        let dir = tempfile::tempdir()?;
        let url = format!("sqlite:///{}", dir.path().join("bench.db").display());
        let database = Database {
            name: name.to_owned(),
            url,
            synchronous: Some(synchronous),
        };
        report(&database, &measure(cli, args, dir.path(), &database).await?);
    }
    if let Some(base) = &cli.postgres {
        let url = new_database(base).await?;
        let database = Database {
            name: "PostgreSQL".to_owned(),
            url,
            synchronous: None,
        };
        let dir = tempfile::tempdir()?;
        report(&database, &measure(cli, args, dir.path(), &database).await?);
    }
    Ok(())
}

fn report(database: &Database, measured: &Measured) {
    println!(
        "| {} | {:.0} | {:.0} | {:.1} | {:.1} | {:.1} |",
        database.name,
        measured.per_core_second,
        measured.per_second,
        measured.p50.as_secs_f64() * 1000.0,
        measured.p99.as_secs_f64() * 1000.0,
        measured.database_cpu,
    );
}

/// A database of its own beside the one that the URL names.
pub async fn new_database(base: &str) -> anyhow::Result<String> {
    use sea_orm::ConnectionTrait as _;
    let name = format!("bench_{}", std::process::id());
    let server = sea_orm::Database::connect(base).await.context("PostgreSQL")?;
    server
        .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}"))
        .await?;
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    let (server, _) = base.rsplit_once('/').context("a URL with a database")?;
    Ok(format!("{server}/{name}"))
}

async fn measure(cli: &Cli, args: &Args, dir: &std::path::Path, database: &Database) -> anyhow::Result<Measured> {
    let server = Server::start(&cli.server, dir, database, &[]).await?;
    send(&server, args, 0, args.callers / 10).await?;
    let (cpu, database_cpu) = (server.cpu_seconds()?, machine::cpu_seconds_of("postgres"));
    let begun = Instant::now();
    let mut took = send(&server, args, args.callers / 10, args.requests).await?;
    let elapsed = begun.elapsed();
    let cpu = server.cpu_seconds()? - cpu;
    let database_cpu = machine::cpu_seconds_of("postgres") - database_cpu;
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    let requests = f64::from(u32::try_from(took.len())?);
    server.stop()?;
    Ok(Measured {
        per_core_second: requests / cpu,
        per_second: requests / elapsed.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        database_cpu: if database.synchronous.is_none() {
            database_cpu
        } else {
            0.0
        },
    })
}

/// Sends webhooks `first..first + count` over all connections; gives how long each took.
async fn send(server: &Server, args: &Args, first: usize, count: usize) -> anyhow::Result<Vec<Duration>> {
    let lanes = (0..args.connections).map(|lane| {
        let numbers = (first + lane..first + count).step_by(args.connections);
        one_connection(server, args.callers, numbers.collect())
    });
    let took = futures::future::try_join_all(lanes).await?;
    Ok(took.into_iter().flatten().collect())
}

async fn one_connection(server: &Server, callers: usize, numbers: Vec<usize>) -> anyhow::Result<Vec<Duration>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let url = format!("{}/webhook/incoming_call", server.base());
    let mut took = Vec::with_capacity(numbers.len());
    for number in numbers {
        let fields = form(number, callers);
        let request = Request::post("/webhook/incoming_call")
            .header("host", format!("127.0.0.1:{}", server.port))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature(AUTH_TOKEN, &url, &fields))
            .body(Full::from(serde_urlencoded::to_string(&fields)?))?;
        let begun = Instant::now();
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        took.push(begun.elapsed());
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        ensure!(
            body.starts_with(b"<?xml"),
            "not TwiML: {}",
            String::from_utf8_lossy(&body)
        );
    }
    drop(sender);
    driver.await??;
    Ok(took)
}

fn form(number: usize, callers: usize) -> Fields {
    [
        ("AccountSid", ACCOUNT.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("CallSid", format!("CA{number:032x}")),
        ("CallStatus", "ringing".to_owned()),
        ("Called", "+97231234567".to_owned()),
        ("CalledCountry", "IL".to_owned()),
        ("Caller", format!("+9725{:08}", number % callers)),
        ("CallerCountry", "IL".to_owned()),
        ("Direction", "inbound".to_owned()),
        ("From", format!("+9725{:08}", number % callers)),
        ("FromCountry", "IL".to_owned()),
        ("To", "+97231234567".to_owned()),
        ("ToCountry", "IL".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
