//! The command line: one file per command.

mod audit;
mod bench;
mod config;
mod demo;
mod doctor;
mod migrate;
pub mod openapi;
pub mod serve;
mod simulate;
mod user;

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::Settings;

/// Answers the phone of a small business.
#[derive(Debug, Parser)]
#[command(name = "agentlocator", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer calls and browsers until told to stop.
    Serve(serve::ServeArgs),
    /// Bring the database's schema up to date and stop.
    Migrate,
    /// Print the settings in force, with secrets masked; fails with a report when they are not sound.
    Config,
    /// Make people who sign in.
    #[command(subcommand)]
    User(user::Command),
    /// Look into the audit log.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print the OpenAPI document.
    Openapi,
    /// Ask everything that is configured for real, and say what is wrong.
    Doctor,
    /// Run a server with made-up data, call it once in Hebrew, and print its address and sign-in.
    Demo(demo::DemoArgs),
    /// Make data to measure on.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Play Twilio, callers and the other companies against a running server.
    Simulate(simulate::SimulateArgs),
}

/// Runs what the command line asks for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    crate::process::keep_files_private();
    // Once, and before anything opens a TLS connection; a second installation would only say that there is one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let done = match cli.command {
        Command::Serve(args) => settings().and_then(|settings| on_runtime(serve::run(settings, args))),
        Command::Migrate => on_runtime(migrate::run()),
        Command::Config => config::run(),
        Command::User(command) => on_runtime(user::run(command)),
        Command::Audit(command) => on_runtime(audit::run(command)),
        Command::Openapi => openapi::run(),
        Command::Doctor => on_runtime(doctor::run()),
        Command::Demo(args) => on_runtime(demo::run(args)),
        Command::Bench(command) => on_runtime(bench::run(command)),
        Command::Simulate(args) => on_runtime(simulate::run(args)),
    };
    match done {
        Ok(code) => code,
        Err(why) => {
            // The logs may not be set up, and this is for the person at the terminal.
            let _ = writeln!(std::io::stderr(), "agentlocator: {why:#}");
            ExitCode::FAILURE
        }
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// The settings, or their report as the error.
fn settings() -> anyhow::Result<Settings> {
    Ok(crate::config::load()?)
}

/// Writes to standard output. A closed pipe (`agentlocator openapi | head`) is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => Err(why.into()),
        _ => Ok(()),
    }
}
