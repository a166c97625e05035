//! Signed WhatsApp messages at a steady rate, each written before it is answered: how long an answer takes, counted from
//! when the message was due to be sent, and whether each is in the database afterwards.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use sea_orm::ConnectionTrait as _;
use simulator::twilio::sign::{Fields, signature};
use tokio::time::Instant;

use crate::{
    Cli,
    server::{ACCOUNT, AUTH_TOKEN, Database, Server},
    webhooks::new_database,
};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 10_000)]
    per_minute: u32,
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Connections that send in turn.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// So many different people write.
    #[arg(long, default_value_t = 2_000)]
    people: u32,
}

const NUMBER: &str = "+97231234567";
const PATH: &str = "/webhook/whatsapp/twilio";

pub async fn run(cli: &Cli, args: &Args) -> anyhow::Result<()> {
    println!("| database | messages | lost | p50 ms | p99 ms | longest ms | server's CPU % of a core |");
    println!("|---|---|---|---|---|---|---|");
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
        measure(cli, args, dir.path(), &database).await?;
    }
    if let Some(base) = &cli.postgres {
        let dir = tempfile::tempdir()?;
        let database = Database {
            name: "PostgreSQL".to_owned(),
            url: new_database(base).await?,
            synchronous: None,
        };
        measure(cli, args, dir.path(), &database).await?;
    }
    Ok(())
}

async fn measure(cli: &Cli, args: &Args, dir: &std::path::Path, database: &Database) -> anyhow::Result<()> {
    let from = [("TWILIO_WA_FROM", format!("whatsapp:{NUMBER}"))];
    let server = Server::start(&cli.server, dir, database, &from).await?;
    let messages = args.per_minute * args.minutes;
    let pause = Duration::from_secs(60) / args.per_minute;
    let cpu = server.cpu_seconds()?;
    let begun = Instant::now();
    let lanes = (0..args.connections).map(|lane| one_connection(&server, args, lane, begun, pause));
    let took = futures::future::try_join_all(lanes).await?;
    let elapsed = begun.elapsed();
    let cpu = server.cpu_seconds()? - cpu;
    let mut took: Vec<Duration> = took.into_iter().flatten().collect();
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    let kept = kept(&database.url).await?;
    println!(
        "| {} | {messages} | {} | {:.1} | {:.1} | {:.1} | {:.0} |",
        database.name,
        i64::from(messages) - kept,
        at(50).as_secs_f64() * 1000.0,
        at(99).as_secs_f64() * 1000.0,
        took.last().copied().unwrap_or_default().as_secs_f64() * 1000.0,
        cpu / elapsed.as_secs_f64() * 100.0,
    );
    server.stop()
}

async fn one_connection(
    server: &Server,
    args: &Args,
    lane: u32,
    begun: Instant,
    pause: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let url = format!("{}{PATH}", server.base());
    let mut took = Vec::new();
    let numbers = (lane..args.per_minute * args.minutes).step_by(usize::try_from(args.connections)?);
    for number in numbers {
        let due = begun + pause * number;
        tokio::time::sleep_until(due).await;
        let fields = form(number, args.people);
        let request = Request::post(PATH)
            .header("host", format!("127.0.0.1:{}", server.port))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature(AUTH_TOKEN, &url, &fields))
            .body(Full::from(serde_urlencoded::to_string(&fields)?))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        took.push(due.elapsed());
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    }
    drop(sender);
    driver.await??;
    Ok(took)
}

fn form(number: u32, people: u32) -> Fields {
    let from = format!("+9725{:08}", number % people);
    [
        ("AccountSid", ACCOUNT.to_owned()),
        ("Body", format!("הודעה {number}: אפשר לקבל הצעת מחיר לשיפוץ המטבח?")),
        ("From", format!("whatsapp:{from}")),
        ("MessageSid", format!("SM{number:032x}")),
        ("MessageType", "text".to_owned()),
        ("NumMedia", "0".to_owned()),
        ("ProfileName", format!("Dana {}", number % people)),
        ("To", format!("whatsapp:{NUMBER}")),
        ("WaId", from.trim_start_matches('+').to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Messages in the database.
async fn kept(url: &str) -> anyhow::Result<i64> {
    // One connection, so that what is set for it holds.
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1);
    let db = sea_orm::Database::connect(options).await?;
    if db.get_database_backend() == sea_orm::DbBackend::Postgres {
        db.execute_unprepared("SELECT set_config('app.system', 'on', false)")
            .await?;
    }
    let count = sea_orm::Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM messages");
    let row = db.query_one_raw(count).await?.context("a count")?;
    Ok(row.try_get_by_index(0)?)
}
