//! What the kernel says of processes: CPU time, memory; and which core they run on. Source: proc(5).

use std::{fs, process::Command};

use anyhow::{Context as _, bail};

/// Kernel ticks in a second (`getconf CLK_TCK`; 100 on every Linux that distributions build).
const TICKS: f64 = 100.0;

/// Keeps this process on one core.
pub fn pin_ourselves(core: usize) -> anyhow::Result<()> {
    let done = Command::new("taskset")
        .args(["-pc", &core.to_string(), &std::process::id().to_string()])
        .output()
        .context("taskset (package util-linux)")?;
    if !done.status.success() {
        bail!("taskset: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// CPU seconds that a process has used, all its threads, user and system.
pub fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The second field is the program's name in brackets and may hold anything.
    let after = stat.rsplit_once(')').context("stat")?.1;
    let field = |at: usize| {
        after
            .split_whitespace()
            .nth(at)
            .and_then(|text| text.parse::<f64>().ok())
            .context("stat")
    };
    Ok((field(11)? + field(12)?) / TICKS)
}

/// CPU seconds of every process whose name begins with `name`, together (PostgreSQL is many).
pub fn cpu_seconds_of(name: &str) -> f64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0.0;
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok())
        .filter(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim().starts_with(name)))
        .filter_map(|pid| cpu_seconds(pid).ok())
        .sum()
}

/// Resident memory in MiB, without pages that are shared with files.
pub fn resident_mib(pid: u32) -> anyhow::Result<Memory> {
    let mib = |name| Ok::<f64, anyhow::Error>(f64::from(u32::try_from(status(pid, name)?)?) / 1024.0);
    Ok(Memory {
        resident: mib("VmRSS")?,
        anonymous: mib("RssAnon")?,
    })
}

/// Resident memory in KiB.
pub fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    status(pid, "VmRSS")
}

fn status(pid: u32, name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.trim_start_matches(':').split_whitespace().next())
        .and_then(|text| text.parse().ok())
        .context("the kernel says nothing of its memory")
}

/// Memory of a process in MiB: all that is resident, and the part that is its own.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub resident: f64,
    pub anonymous: f64,
}
