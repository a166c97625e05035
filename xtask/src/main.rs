//! Chores of the workspace: writing what is generated, and checking what no linter checks.

mod clips;
mod generate;
mod tidy;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write web/openapi.json, the TypeScript client and .env.example.
    Gen {
        /// Fail when something committed was stale.
        #[arg(long)]
        check: bool,
    },
    /// Make the clips and MP3 files of the fixed sentences anew (needs espeak-ng and lame).
    Clips,
    /// Check crate and module edges, doors, names, paths in documents, sizes, dependencies.
    Tidy,
}

fn main() -> anyhow::Result<ExitCode> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = root.parent().unwrap_or(&root);
    match Cli::parse().chore {
        Chore::Gen { check } => generate::run(root, check),
        Chore::Clips => clips::run(root).map(|()| ExitCode::SUCCESS),
        Chore::Tidy => tidy::run(root),
    }
}

/// Chores speak to the person at the terminal.
#[expect(clippy::print_stdout, reason = "the output of a chore")]
fn say(line: &str) {
    println!("{line}");
}
