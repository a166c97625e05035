//! Lists, search and timelines on databases of growing size, each filled by `agentlocator bench seed`.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Cli,
    server::{Database, Server},
    webhooks::new_database,
};

#[derive(clap::Args)]
pub struct Args {
    /// Customers in the database, one run for each.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    customers: Vec<usize>,
    /// Timeline events for each customer.
    #[arg(long, default_value_t = 10)]
    events_each: usize,
    /// Requests of each kind; fewer where they take longer than ten seconds together.
    #[arg(long, default_value_t = 2_000)]
    requests: usize,
    /// Keep the databases of SQLite here, and use those that are there.
    #[arg(long)]
    keep: Option<std::path::PathBuf>,
    /// Not SQLite.
    #[arg(long)]
    only_postgres: bool,
    /// Measure on this database, which was filled already, as what `bench seed` printed says.
    #[arg(long, requires = "seeded")]
    url: Option<String>,
    #[arg(long)]
    seeded: Option<String>,
}

/// How long requests of one kind are sent.
const LONGEST: Duration = Duration::from_secs(10);
/// Connections that ask at once where the server's CPU time is measured: alone, each request wakes threads that sleep.
const AT_ONCE: usize = 8;
/// Before what is measured, so that connections are open and statements prepared.
const WARM_UP: usize = 40;
/// How deep the pages are that are asked for by cursor.
const DEEP: usize = 1_000;
const PAGE_OF_LIST: usize = 25;
const PAGE_OF_TIMELINE: usize = 30;

/// What `bench seed` prints.
#[derive(Clone, Debug, Deserialize)]
struct Seeded {
    email: String,
    password: String,
    customers: usize,
    events: usize,
    first_customer_id: i64,
}

pub async fn run(cli: &Cli, args: &Args) -> anyhow::Result<()> {
    println!("| database | customers | events | what | p50 ms | p95 ms | requests per CPU second of the server |");
    println!("|---|---|---|---|---|---|---|");
    if let (Some(url), Some(seeded)) = (&args.url, &args.seeded) {
        let seeded: Seeded = serde_json::from_str(seeded).context("seeded")?;
        let dir = tempfile::tempdir()?;
        return measure(cli, args, dir.path(), &database(url), &seeded).await;
    }
    for customers in &args.customers {
        if !args.only_postgres {
            on_sqlite(cli, args, *customers).await?;
        }
        if let Some(base) = &cli.postgres {
            let dir = tempfile::tempdir()?;
            let database = database(&new_database(base).await?);
            let seeded = seed(cli, args, dir.path(), &database, *customers)?;
            measure(cli, args, dir.path(), &database, &seeded).await?;
        }
    }
    Ok(())
}

async fn on_sqlite(cli: &Cli, args: &Args, customers: usize) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let dir = match &args.keep {
        Some(keep) => keep.join(customers.to_string()),
        None => temporary.path().to_owned(),
    };
    std::fs::create_dir_all(&dir)?;
    let database = database(&format!("sqlite:///{}", dir.join("bench.db").display()));
    let note = dir.join("seeded.json");
    let seeded = match std::fs::read_to_string(&note) {
        Ok(seeded) => serde_json::from_str(&seeded)?,
        Err(_) => seed(cli, args, &dir, &database, customers)?,
    };
    measure(cli, args, &dir, &database, &seeded).await
}

fn database(url: &str) -> Database {
    let name = if url.starts_with("postgres") {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    Database {
        name: name.to_owned(),
        url: url.to_owned(),
        synchronous: None,
    }
}

fn seed(cli: &Cli, args: &Args, dir: &Path, database: &Database, customers: usize) -> anyhow::Result<Seeded> {
    let begun = Instant::now();
    let events = customers * args.events_each;
    let done = Command::new(&cli.server)
        .args([
            "bench",
            "seed",
            "--customers",
            &customers.to_string(),
            "--events",
            &events.to_string(),
        ])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("DATABASE_URL", &database.url)
        .env("DATA_DIR", dir.join("data"))
        .env("LOG_LEVEL", "warn")
        .current_dir(dir)
        .output()
        .context("the server's program")?;
    ensure!(
        done.status.success(),
        "bench seed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = String::from_utf8(done.stdout)?;
    let text = text.lines().last().context("bench seed prints what it made")?;
    std::fs::write(dir.join("seeded.json"), text)?;
    eprintln!(
        "{}: {customers} customers and {events} events in {:.0} s",
        database.name,
        begun.elapsed().as_secs_f64()
    );
    Ok(serde_json::from_str(text)?)
}

async fn measure(cli: &Cli, args: &Args, dir: &Path, database: &Database, seeded: &Seeded) -> anyhow::Result<()> {
    let server = Server::start(&cli.server, dir, database, &[("RATE_API", "off".to_owned())]).await?;
    let mut client = Client::sign_in(&server, seeded).await?;
    let mut several = Vec::with_capacity(AT_ONCE);
    for _ in 0..AT_ONCE {
        several.push(client.another(&server).await?);
    }
    for (what, paths) in kinds(&mut client, seeded).await? {
        for path in paths.iter().cycle().take(WARM_UP) {
            client.get(path).await?;
        }
        let took = one_by_one(&mut client, &paths, args.requests).await?;
        let cpu = server.cpu_seconds()?;
        let answered = at_once(&mut several, &paths, args.requests).await?;
        let cpu = server.cpu_seconds()? - cpu;
        report(database, seeded, &what, took, answered / cpu);
    }
    server.stop()
}

/// How long each request took, one after another.
async fn one_by_one(client: &mut Client, paths: &[String], requests: usize) -> anyhow::Result<Vec<Duration>> {
    let begun = Instant::now();
    let mut took = Vec::with_capacity(requests);
    for path in paths.iter().cycle().take(requests) {
        let sent = Instant::now();
        client.get(path).await?;
        took.push(sent.elapsed());
        if begun.elapsed() > LONGEST {
            break;
        }
    }
    Ok(took)
}

/// How many were answered.
async fn at_once(several: &mut [Client], paths: &[String], requests: usize) -> anyhow::Result<f64> {
    let each = requests / several.len();
    let asking = several.iter_mut().map(|client| one_by_one(client, paths, each));
    let took = futures::future::try_join_all(asking).await?;
    Ok(f64::from(u32::try_from(took.iter().map(Vec::len).sum::<usize>())?))
}

fn report(database: &Database, seeded: &Seeded, what: &str, mut took: Vec<Duration>, per_core_second: f64) {
    took.sort_unstable();
    let at = |share: usize| {
        let at = took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
        at.copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    println!(
        "| {} | {} | {} | {what} | {:.1} | {:.1} | {:.0} |",
        database.name,
        seeded.customers,
        seeded.events,
        at(50),
        at(95),
        per_core_second
    );
}

/// What is asked, and by which paths in turn.
async fn kinds(client: &mut Client, seeded: &Seeded) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let search = |queries: &[&str]| -> Vec<String> {
        let path = |query: &&str| format!("/api/search?{}", query_string("q", query));
        queries.iter().map(path).collect()
    };
    let endings: Vec<String> = (1..=50).map(|n| format!("{:05}", n * 48_271 % 100_000)).collect();
    let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
    let timeline = |nth: i64| format!("/api/customers/{}/timeline", seeded.first_customer_id + nth);
    let listed: Vec<String> = PREFIXES
        .iter()
        .map(|prefix| format!("/api/crm/customers?{}", query_string("q", prefix)))
        .collect();
    let mut kinds = vec![
        ("list, page 1".to_owned(), vec!["/api/crm/customers".to_owned()]),
        client.deep_list(seeded).await?,
        ("search, Hebrew beginnings".to_owned(), search(PREFIXES)),
        ("search, two words".to_owned(), search(PAIRS)),
        ("search, phone endings".to_owned(), search(&endings)),
        ("search, mistyped names".to_owned(), search(SLIPS)),
        ("list by Hebrew beginnings".to_owned(), listed),
    ];
    for (nth, share) in [(0, 100), (1, 1_000)] {
        let path = timeline(nth);
        let events = seeded.events / share;
        kinds.push((format!("timeline of {events}, page 1"), vec![path.clone()]));
        kinds.push(client.deep_timeline(&path, events).await?);
    }
    Ok(kinds)
}

fn query_string(name: &str, value: &str) -> String {
    serde_urlencoded::to_string([(name, value)]).unwrap_or_default()
}

const PREFIXES: &[&str] = &[
    "דנ", "כהן", "לו", "מזר", "פרי", "אבר", "שפי", "גול", "ברק", "יעק", "שלו", "נוע", "מוח", "סול", "הכה",
];
const PAIRS: &[&str] = &["דנה כה", "משה לוי", "נועה שטר", "יוסף גולד", "רות פר", "אורי ביטון"];
const SLIPS: &[&str] = &[
    "אבהרהם",
    "שפירע",
    "פרידממן",
    "אזולאיי",
    "אוחיווון",
    "גרינבגר",
    "ישראללי",
];

/// One connection, signed in.
struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
    token: String,
}

impl Client {
    async fn sign_in(server: &Server, seeded: &Seeded) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        let credentials = json!({ "email": seeded.email, "password": seeded.password });
        let answer = http
            .post(format!("{}/api/auth/token", server.base()))
            .json(&credentials)
            .send()
            .await?
            .error_for_status()?;
        let answer: Value = answer.json().await?;
        let token = str_of(&answer, "access_token").context("a token")?.to_owned();
        Self::connect(server, token).await
    }

    /// Another connection of the same person.
    async fn another(&self, server: &Server) -> anyhow::Result<Self> {
        Self::connect(server, self.token.clone()).await
    }

    async fn connect(server: &Server, token: String) -> anyhow::Result<Self> {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: format!("127.0.0.1:{}", server.port),
            token,
        })
    }

    async fn get(&mut self, path: &str) -> anyhow::Result<Bytes> {
        let request = Request::get(path)
            .header("host", &self.host)
            .header("authorization", format!("Bearer {}", self.token))
            .body(Full::default())?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(
            status.is_success(),
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    async fn json(&mut self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.get(path).await?)?)
    }

    /// The thousandth page by its cursor, or the last one.
    async fn deep_list(&mut self, seeded: &Seeded) -> anyhow::Result<(String, Vec<String>)> {
        let page = DEEP.min(seeded.customers / PAGE_OF_LIST);
        let before = self.json(&format!("/api/crm/customers?page={}", page - 1)).await?;
        let cursor = str_of(&before, "next_cursor").context("a cursor")?;
        let path = format!("/api/crm/customers?{}", query_string("cursor", cursor));
        Ok((format!("list, page {page} by cursor"), vec![path]))
    }

    async fn deep_timeline(&mut self, path: &str, events: usize) -> anyhow::Result<(String, Vec<String>)> {
        let page = DEEP.min((events / PAGE_OF_TIMELINE).max(2));
        let mut cursor = String::new();
        for _ in 1..page {
            let next = self.json(&format!("{path}?{cursor}")).await?;
            let Some(next) = str_of(&next, "next_cursor") else {
                break;
            };
            cursor = query_string("before", next);
        }
        Ok((
            format!("timeline of {events}, page {page}"),
            vec![format!("{path}?{cursor}")],
        ))
    }
}

fn str_of<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str)
}
