//! Refusals are recorded, within bounds: who is refused over and over does not make the server write over and over.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use kernel::Problem;
use platform::db::AuditEntry;
use serde_json::json;

use crate::{App, accounts::sessions::Caller};

/// Rows of one caller, or about one e-mail address, in a minute.
const PER_ONE: u32 = 20;
/// Rows about refused sign-ins in a minute, whoever comes.
const OF_ALL_SIGN_INS: u32 = 300;
const WINDOW: Duration = Duration::from_mins(1);
const CLEAN_EVERY: Duration = Duration::from_secs(5);
/// Callers that are remembered; beyond that nobody new is recorded until a minute is over.
const MOST: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum About {
    AllSignIns,
    Email(u64),
    Caller(i64),
}

#[derive(Debug)]
struct Count {
    since: Instant,
    written: u32,
}

/// How much was recorded of late. Counted in this process.
#[derive(Debug, Default)]
pub struct Refusals {
    counts: Mutex<Counts>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Counts {
    of: HashMap<About, Count>,
    /// Refusals that were not written since the last one that was.
    unwritten: u64,
    /// When those whose minute is over were last forgotten: the memory, once full, is not gone through for each caller.
    cleaned: Option<Instant>,
}

impl Counts {
    fn room(&mut self, about: About, most: u32, now: Instant) -> bool {
        let may_clean = self.cleaned.is_none_or(|at| now.duration_since(at) >= CLEAN_EVERY);
        if self.of.len() >= MOST && may_clean {
            self.cleaned = Some(now);
            self.of.retain(|_, count| now.duration_since(count.since) < WINDOW);
        }
        let full = self.of.len() >= MOST;
        if let Some(count) = self.of.get_mut(&about) {
            if now.duration_since(count.since) >= WINDOW {
                *count = Count { since: now, written: 0 };
            }
            count.written = count.written.saturating_add(1);
            return count.written <= most;
        }
        if !full {
            self.of.insert(about, Count { since: now, written: 1 });
        }
        !full
    }
}

impl Refusals {
    /// Whether a refused sign-in is recorded, and how many refusals were not since the last that was.
    pub fn admit_sign_in(&self, email: &str) -> Option<u64> {
        let email = self.hasher.hash_one(email);
        self.admit(&[(About::Email(email), PER_ONE), (About::AllSignIns, OF_ALL_SIGN_INS)])
    }

    fn admit(&self, bounds: &[(About, u32)]) -> Option<u64> {
        let now = Instant::now();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let room = bounds.iter().all(|(about, most)| counts.room(*about, *most, now));
        metrics::counter!("refusals_total", "recorded" => if room { "yes" } else { "no" }).increment(1);
        if room {
            return Some(std::mem::take(&mut counts.unwritten));
        }
        counts.unwritten += 1;
        None
    }
}

/// Records that a signed-in caller was refused (403), as far as there is room for it. A record that can not be written
/// changes nothing in the answer.
pub async fn note(app: &App, caller: &Caller, operation: &str) {
    let who = caller.identity().acts_as().get();
    let Some(unwritten) = app.refusals.admit(&[(About::Caller(who), PER_ONE)]) else {
        return;
    };
    let written = async {
        let tx = app.db.write(&caller.as_refused()).await?;
        let operation: String = operation.chars().take(200).collect();
        tx.audit(AuditEntry {
            action: "permission.refused",
            record_type: "operation",
            record_id: None,
            changes: json!({
                "operation": operation,
                "permission": caller.permission().as_str(),
                "unwritten_before": unwritten,
            }),
        })
        .await?;
        tx.commit().await
    };
    if let Err(err) = written.await.map_err(Problem::from) {
        tracing::warn!(%err, "a refusal could not be recorded");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_knocks_on_is_counted_and_not_written() {
        let refusals = Refusals::default();
        let admitted = (0..1_000).filter(|_| refusals.admit_sign_in("dana@example.com").is_some());
        assert_eq!(admitted.count(), usize::try_from(PER_ONE).expect("a number"));
        assert_eq!(
            refusals.admit_sign_in("noa@example.com"),
            Some(980),
            "what was not written is told"
        );
        assert_eq!(refusals.admit_sign_in("roni@example.com"), Some(0));
    }

    #[test]
    fn many_who_knock_are_bounded_together_and_in_memory() {
        let refusals = Refusals::default();
        let admitted = (0..30_000).filter(|n| refusals.admit_sign_in(&format!("{n}@example.com")).is_some());
        assert_eq!(admitted.count(), usize::try_from(OF_ALL_SIGN_INS).expect("a number"));
        let remembered = refusals.counts.lock().expect("the counts").of.len();
        assert!(remembered <= MOST);
    }
}
