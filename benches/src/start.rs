//! Memory of an idle server, and its time from start to `/readyz`, on SQLite with many calls in the database.

use std::time::Duration;

use anyhow::Context as _;
use sea_orm::ConnectionTrait as _;

use crate::{
    Cli,
    server::{Database, Server},
};

#[derive(clap::Args)]
pub struct Args {
    /// Calls in the database before the start that is measured.
    #[arg(long, default_value_t = 100_000)]
    calls: usize,
    /// How often it is started.
    #[arg(long, default_value_t = 5)]
    times: usize,
}

pub async fn run(cli: &Cli, args: &Args) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let database = Database {
        name: "SQLite".to_owned(),
        url: format!("sqlite:///{}", dir.path().join("bench.db").display()),
        synchronous: None,
    };
    Server::start(&cli.server, dir.path(), &database, &[]).await?.stop()?;
    fill(&database.url, args.calls).await?;
    println!("| calls in the database | ready after ms | resident MiB | of it its own |");
    println!("|---|---|---|---|");
    for _ in 0..args.times {
        let server = Server::start(&cli.server, dir.path(), &database, &[]).await?;
        // What a start allocates and gives back is not what an idle server holds.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let memory = server.memory()?;
        println!(
            "| {} | {:.0} | {:.1} | {:.1} |",
            args.calls,
            server.ready_after.as_secs_f64() * 1000.0,
            memory.resident,
            memory.anonymous
        );
        server.stop()?;
    }
    Ok(())
}

/// Writes ended calls, ten thousand in a statement.
async fn fill(url: &str, calls: usize) -> anyhow::Result<()> {
    const STEP: usize = 10_000;
    let db = sea_orm::Database::connect(url).await.context("SQLite")?;
    for from in (0..calls).step_by(STEP) {
        let to = (from + STEP).min(calls);
        db.execute_unprepared(&format!(
            "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
             INSERT INTO calls (business_id, call_sid, direction, from_number, to_number, status, mode,
                                started_at, ended_at, last_seen_at, duration_seconds, outcome, created_at, updated_at)
             SELECT 1, printf('CA%032x', i), 'in', printf('+9725%08d', i), '+97231234567', 'completed', 'realtime',
                    t, t, t, 60, 'talked', t, t
             FROM (SELECT i, strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i * 60, 'unixepoch') AS t FROM n)"
        ))
        .await?;
    }
    Ok(())
}
