//! Callbacks that came while the database was away, kept on disk until it is back.
//!
//! Each is a file of its own, written and flushed to the disk before Twilio hears that we have it, and removed only
//! after its effects are committed.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// More waiting callbacks than this are not read into memory at once.
const BATCH: usize = 256;
/// A callback that the database has refused so often, and for so long, is never taken. A full disk refuses, too, and is
/// given time to be mended; meanwhile such a callback holds up no other.
const MOST_REFUSALS: u32 = 5;
const REFUSED_FOR: TimeDelta = TimeDelta::hours(1);

/// One callback as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Path and query, which also say what kind it is.
    pub target: String,
    pub fields: Vec<(String, String)>,
    pub at: DateTime<Utc>,
    pub request_id: String,
}

/// What is to be done about a callback that the database refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// For the first time.
    TryAgain,
    /// And not for the first time.
    StillTrying,
    GiveUp,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    since: DateTime<Utc>,
    times: u32,
}

pub struct Spool {
    dir: PathBuf,
    /// Whether something may be waiting; true at start, since a process before this one may have left something.
    waiting: AtomicBool,
    /// Since when and how often this process saw each refused.
    refused: Mutex<HashMap<PathBuf, Refused>>,
}

impl Spool {
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            waiting: AtomicBool::new(true),
            refused: Mutex::default(),
        }
    }

    /// Writes a callback down for good.
    pub async fn keep(&self, kept: Kept) -> std::io::Result<()> {
        let dir = self.dir.clone();
        let written = tokio::task::spawn_blocking(move || write(&dir, &kept)).await;
        written.map_err(std::io::Error::other)??;
        self.waiting.store(true, Ordering::Release);
        Ok(())
    }

    /// What waits, oldest first, at most a batch of it.
    pub async fn waiting(&self) -> std::io::Result<Vec<(PathBuf, Kept)>> {
        if !self.waiting.swap(false, Ordering::AcqRel) {
            return Ok(Vec::new());
        }
        let dir = self.dir.clone();
        let found = tokio::task::spawn_blocking(move || read(&dir))
            .await
            .map_err(std::io::Error::other)?;
        match found {
            Ok(found) if found.is_empty() => Ok(found),
            other => {
                // Look again after these: more may wait, or some may fail.
                self.waiting.store(true, Ordering::Release);
                other
            }
        }
    }

    /// Its effects are committed.
    pub async fn done(&self, path: &Path) -> std::io::Result<()> {
        self.forget(path);
        tokio::fs::remove_file(path).await
    }

    /// The database is there and did not take this one.
    pub fn refused(&self, path: &Path, now: DateTime<Utc>) -> Verdict {
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = all.entry(path.to_owned()).or_insert(Refused { since: now, times: 0 });
        refused.times += 1;
        if refused.times == 1 {
            Verdict::TryAgain
        } else if refused.times < MOST_REFUSALS || now - refused.since < REFUSED_FOR {
            Verdict::StillTrying
        } else {
            Verdict::GiveUp
        }
    }

    /// It can not be taken in, now or ever: set aside for a person to look at.
    pub async fn set_aside(&self, path: &Path) -> std::io::Result<()> {
        self.forget(path);
        metrics::counter!("voice_webhooks_set_aside_total").increment(1);
        tokio::fs::rename(path, path.with_extension("rejected")).await
    }

    fn forget(&self, path: &Path) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.remove(path);
    }
}

fn write(dir: &Path, kept: &Kept) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    // The name sorts by time; the random part keeps two of one microsecond apart.
    let name = format!("{:020}-{}", kept.at.timestamp_micros(), Uuid::now_v7().simple());
    let unfinished = dir.join(format!("{name}.part"));
    let mut file = std::fs::File::create_new(&unfinished)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, dir.join(format!("{name}.json")))?;
    // The new name, too, has to reach the disk.
    std::fs::File::open(dir)?.sync_all()
}

fn read(dir: &Path) -> std::io::Result<Vec<(PathBuf, Kept)>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(err),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort_unstable();
    paths.truncate(BATCH);
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        match serde_json::from_slice(&std::fs::read(&path)?) {
            Ok(kept) => found.push((path, kept)),
            Err(err) => {
                tracing::error!(error = %err, path = %path.display(), "a kept callback can not be read");
                std::fs::rename(&path, path.with_extension("rejected"))?;
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(second: i64) -> Kept {
        Kept {
            target: "/webhook/call_status".into(),
            fields: vec![
                ("CallSid".into(), "CA1".into()),
                ("CallStatus".into(), "completed".into()),
            ],
            at: DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a time"),
            request_id: "r1".into(),
        }
    }

    #[tokio::test]
    async fn what_was_kept_comes_back_oldest_first_also_after_a_restart() {
        let dir = tempfile::tempdir().expect("a directory");
        let spool = Spool::new(dir.path().join("spool"));
        spool.keep(kept(2)).await.expect("kept");
        spool.keep(kept(1)).await.expect("kept");
        let spool = Spool::new(dir.path().join("spool"));
        let found = spool.waiting().await.expect("read");
        let callbacks: Vec<_> = found.iter().map(|(_, kept)| kept.clone()).collect();
        assert_eq!(callbacks, vec![kept(1), kept(2)]);
        for (path, _) in &found {
            spool.done(path).await.expect("removed");
        }
        assert!(spool.waiting().await.expect("read").is_empty());
    }

    #[test]
    fn what_is_refused_often_and_long_is_given_up() {
        let spool = Spool::new(PathBuf::new());
        let (path, now) = (Path::new("a"), kept(0).at);
        assert_eq!(spool.refused(path, now), Verdict::TryAgain);
        for _ in 0..20 {
            assert_eq!(spool.refused(path, now + TimeDelta::minutes(59)), Verdict::StillTrying);
        }
        assert_eq!(spool.refused(path, now + TimeDelta::minutes(60)), Verdict::GiveUp);
        assert_eq!(spool.refused(Path::new("b"), now), Verdict::TryAgain);
    }

    #[tokio::test]
    async fn an_unreadable_one_is_set_aside() {
        let dir = tempfile::tempdir().expect("a directory");
        let spool = Spool::new(dir.path().to_owned());
        std::fs::write(dir.path().join("00-x.json"), b"{").expect("written");
        assert!(spool.waiting().await.expect("read").is_empty());
        assert!(dir.path().join("00-x.rejected").exists());
    }

    #[tokio::test]
    async fn an_empty_spool_is_no_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let spool = Spool::new(dir.path().join("nothing"));
        assert!(spool.waiting().await.expect("read").is_empty());
    }
}
