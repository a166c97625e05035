//! `agentlocator migrate`: the schema, and nothing else.

use std::process::ExitCode;

use anyhow::Context;
use kernel::Clock;

use crate::database;

pub(super) async fn run() -> anyhow::Result<ExitCode> {
    let settings = super::settings()?;
    let db = database::connect(&settings, Clock::System).await?;
    let applied = migration::up(db.for_migration())
        .await
        .context("the migrations failed; nothing was changed")?;
    for name in &applied {
        super::print(&format!("Applied migration: {name}\n"))?;
    }
    if applied.is_empty() {
        super::print("The schema is up to date.\n")?;
    }
    db.close().await?;
    settings.database.url.remove_temporary();
    Ok(ExitCode::SUCCESS)
}
