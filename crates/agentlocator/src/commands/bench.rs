//! `agentlocator bench seed`: a database as large as one likes, to measure on.

mod names;
mod rows;
mod seed;

use std::process::ExitCode;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Fill the database with made-up customers and what happened with them, and print who signs in.
    ///
    /// The same numbers and seed give the same data. Refused where people sign in already.
    Seed(SeedArgs),
}

#[derive(Clone, Debug, Args)]
pub struct SeedArgs {
    #[arg(long, default_value_t = 10_000)]
    customers: i64,
    /// Timeline events in all. The first customer gets a hundredth of them, the second a thousandth.
    #[arg(long, default_value_t = 100_000)]
    events: i64,
    /// Another number gives other people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The business that gets them, made when it is new.
    #[arg(long, default_value = "עסק למדידות")]
    business: String,
    /// Fill it though people sign in to this database.
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Seed(args) = command;
    let settings = super::settings()?;
    let seeded = seed::run(&settings, &args).await?;
    super::print(&format!("{seeded}\n"))?;
    Ok(ExitCode::SUCCESS)
}
