//! What is generated and committed: the OpenAPI document from the code, the TypeScript client from it, and the example
//! of settings from their table.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};

use crate::say;

const OPENAPI: &str = "web/openapi.json";
const CLIENT: &str = "web/src/api/schema.gen.ts";
const SETTINGS: &str = ".env.example";

pub fn run(root: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let before = [OPENAPI, CLIENT, SETTINGS].map(|file| (file, fs::read(root.join(file)).ok()));
    fs::write(root.join(OPENAPI), agentlocator::commands::openapi::document()?)?;
    fs::write(root.join(SETTINGS), agentlocator::config::example())?;
    client(root)?;
    let mut stale = false;
    for (file, before) in before {
        if before != fs::read(root.join(file)).ok() {
            say(&format!(
                "{file} {}",
                if check {
                    "was stale and is written anew: commit it"
                } else {
                    "written"
                }
            ));
            stale = true;
        }
    }
    Ok(if check && stale {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn client(root: &Path) -> anyhow::Result<()> {
    let done = Command::new("npm")
        .args(["run", "--silent", "gen"])
        .current_dir(root.join("web"))
        .output()
        .context("npm can not be run")?;
    if !done.status.success() {
        bail!(
            "the TypeScript client was not generated:\n{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
    Ok(())
}
