//! Measures the whole server from outside: the server is pinned to one core, this program and the stand-ins to the
//! other, and what is divided by is the server's own CPU time as the kernel counts it.
//!
//! Figures are ratios within one run; machines are noisy. Run it by `make bench`.
#![expect(clippy::print_stdout, reason = "its output is the table")]

mod crm;
mod machine;
mod messages;
mod server;
mod start;
mod voice;
mod webhooks;

use clap::{Parser, Subcommand};

/// The server's core; this program runs on [`OUR_CORE`].
const SERVER_CORE: usize = 0;
const OUR_CORE: usize = 1;

#[derive(Parser)]
#[command(name = "benches", about = "Load and latency, measured from outside")]
struct Cli {
    /// The server to measure: a release build.
    #[arg(long)]
    server: std::path::PathBuf,
    /// PostgreSQL to measure too, as a role that may create databases.
    #[arg(long, env = "TEST_POSTGRES_URL")]
    postgres: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Spoken calls at once: latency, CPU time and memory per call.
    Voice(voice::Args),
    /// Signed `incoming_call` webhooks with their database write.
    Webhooks(webhooks::Args),
    /// WhatsApp messages at a steady rate, each written before it is answered.
    Messages(messages::Args),
    /// Lists, search and timelines with many customers.
    Crm(crm::Args),
    /// Memory when idle, and time from start to `/readyz`, with many calls in the database.
    Start(start::Args),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    machine::pin_ourselves(OUR_CORE)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            match &cli.what {
                What::Voice(args) => voice::run(&cli, args).await,
                What::Webhooks(args) => webhooks::run(&cli, args).await,
                What::Messages(args) => messages::run(&cli, args).await,
                What::Crm(args) => crm::run(&cli, args).await,
                What::Start(args) => start::run(&cli, args).await,
            }
        })
}
