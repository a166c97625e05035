//! `agentlocator audit verify`: whether the audit log is as it was written.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use kernel::Clock;
use platform::db::{Broken, ChainReport, Finding, KnownEnd};

use crate::database;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the chain of every business and name each row that was changed, removed, inserted, moved or cut off; exit
    /// code 1 when there is one. Works beside a running server, on which `SECRET_KEY` must be the same.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Only this business; 0 for what belongs to none.
    #[arg(long)]
    business: Option<i64>,
    /// An end that a line «audit head» of the server's log tells of, as BUSINESS:COUNT:HASH. May be given often.
    #[arg(long, value_parser = known_end)]
    head: Vec<KnownEnd>,
}

fn known_end(text: &str) -> Result<KnownEnd, String> {
    let wrong = || "is BUSINESS:COUNT:HASH".to_owned();
    let mut parts = text.splitn(3, ':');
    let mut part = || parts.next().ok_or_else(wrong);
    Ok(KnownEnd {
        business_id: part()?.parse().map_err(|_| wrong())?,
        count: part()?.parse().map_err(|_| wrong())?,
        hash: part()?.to_owned(),
    })
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Verify(verify) = command;
    let settings = super::settings()?;
    let db = database::connect(&settings, Clock::System).await?;
    if !migration::is_current(db.for_migration()).await? {
        bail!("the schema is not up to date; agentlocator migrate brings it there");
    }
    let reports = db
        .verify_audit(verify.business, &verify.head)
        .await
        .context("the audit log can not be read")?;
    db.close().await?;
    let mut found = 0;
    for report in &reports {
        found += report.found;
        super::print(&told(report))?;
    }
    let rows: u64 = reports.iter().map(|report| report.rows).sum();
    super::print(&format!("{rows} rows in {} chains, {found} faults\n", reports.len()))?;
    Ok(if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn told(report: &ChainReport) -> String {
    let ChainReport {
        business_id,
        rows,
        last_seq,
        last_hash,
        found,
        findings,
    } = report;
    if *found == 0 {
        let end = format!("{business_id}:{last_seq}:{last_hash}");
        return format!("ok      business {business_id}: {rows} rows, the last is {end}\n");
    }
    let mut lines: Vec<String> = findings.iter().map(words).collect();
    let unlisted = found.saturating_sub(u64::try_from(findings.len()).unwrap_or(u64::MAX));
    if unlisted > 0 {
        lines.push(format!("{unlisted} more"));
    }
    let broken = |line: String| format!("BROKEN  business {business_id}: {line}\n");
    lines.into_iter().map(broken).collect::<Vec<_>>().concat()
}

fn words(finding: &Finding) -> String {
    let seq = finding.seq;
    let row = finding.row_id.map_or_else(String::new, |id| format!(" (id {id})"));
    match finding.broken {
        Broken::Changed => format!("row {seq}{row} was changed"),
        Broken::Removed { to } if to == seq => format!("row {seq} was removed"),
        Broken::Removed { to } => format!("rows {seq} to {to} were removed"),
        Broken::Inserted => format!("row {seq}{row} was inserted"),
        Broken::Reordered => format!("row {seq}{row} was reordered: it was written at another place"),
        Broken::Unlinked => format!("row {seq}{row} does not follow what was written before it"),
        Broken::CutOff { to } => format!("the end was cut off: rows {seq} to {to} are gone"),
        Broken::End => format!("the record of the chain's end at row {seq} is gone or forged, or was so once"),
    }
}
