//! `agentlocator doctor`: asks everything that is configured for real, and says in words what is wrong. Changes nothing.

mod services;
mod whatsapp;

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use kernel::Clock;
use platform::http::outgoing::{Outgoing, OutgoingSettings};
use tokio::{process::Command, time::timeout};

use crate::{
    config::{AppEnv, Settings},
    database, wire,
};

/// For a program on this machine.
const LOCAL: Duration = Duration::from_secs(5);

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    /// Works, and is not as it should be.
    Doubtful,
    Broken,
}

/// Prints as it finds.
struct Report {
    broken: bool,
}

impl Report {
    fn say(&mut self, verdict: Verdict, about: &str, what: &str) -> anyhow::Result<()> {
        self.broken |= verdict == Verdict::Broken;
        let sign = match verdict {
            Verdict::Good => "ok     ",
            Verdict::Doubtful => "doubt  ",
            Verdict::Broken => "BROKEN ",
        };
        super::print(&format!("{sign} {about:12} {what}\n"))
    }
}

pub(super) async fn run() -> anyhow::Result<ExitCode> {
    let settings = super::settings()?;
    let mut report = Report { broken: false };
    report.say(Verdict::Good, "settings", "sound")?;
    for note in &settings.notes {
        report.say(Verdict::Doubtful, "settings", note)?;
    }
    check_database(&settings, &mut report).await?;
    check_files(&settings, &mut report).await?;
    check_embedded_voice(&mut report).await?;
    let http = Outgoing::new(&OutgoingSettings::default())
        .context("no HTTP client")?
        .client();
    services::check(&http, &settings, &mut report).await?;
    whatsapp::check(&http, &settings, &mut report).await?;
    Ok(if report.broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn check_database(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "database";
    let db = match database::connect(settings, Clock::System).await {
        Ok(db) => db,
        Err(why) => return report.say(Verdict::Broken, about, &format!("{why:#}")),
    };
    match migration::is_current(db.for_migration()).await {
        Ok(true) => report.say(Verdict::Good, about, "answers, and its schema is up to date")?,
        Ok(false) => report.say(
            Verdict::Doubtful,
            about,
            "the schema is not up to date; the next start brings it there",
        )?,
        Err(why) => report.say(Verdict::Broken, about, &format!("the schema can not be read: {why}"))?,
    }
    if database::above_row_security(&db).await? {
        report.say(Verdict::Doubtful, about, database::ABOVE_ROW_SECURITY)?;
    }
    if settings.env == AppEnv::Production && !db.is_postgres() {
        report.say(
            Verdict::Good,
            about,
            "SQLite: one process only; back it up with .backup, not by copying the file",
        )?;
    }
    db.close().await?;
    Ok(())
}

async fn check_files(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let storage = match wire::storage(settings) {
        Ok(storage) => storage,
        Err(why) => return report.say(Verdict::Broken, "files", &format!("{why:#}")),
    };
    match storage.check().await {
        Ok(()) => report.say(Verdict::Good, "files", "can be written and read"),
        Err(why) => report.say(Verdict::Broken, "files", &format!("{:#}", anyhow::Error::from(why))),
    }
}

async fn check_embedded_voice(report: &mut Report) -> anyhow::Result<()> {
    let asked = Command::new("espeak-ng").arg("--version").output();
    match timeout(LOCAL, asked).await {
        Ok(Ok(output)) if output.status.success() => report.say(Verdict::Good, "espeak-ng", "is here"),
        _ => report.say(
            Verdict::Doubtful,
            "espeak-ng",
            "is not here: without another voice the agent says only its fixed sentences (apt-get install espeak-ng)",
        ),
    }
}
