//! Which engines are left out for a while, so that a closed network costs one deadline and not one per sentence.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The first pause, doubled with each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Failures that are quick are forgiven once: they cost nobody a deadline.
const QUICK_FAILURES: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Recogniser,
    Model,
    Voice,
}

impl Kind {
    /// As settings name the kind.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recogniser => "stt",
            Self::Model => "llm",
            Self::Voice => "tts",
        }
    }
}

/// How an engine failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It used up its deadline.
    Late,
    /// It said so itself.
    Refused,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    failures: u32,
    pause: Duration,
    until: Option<Instant>,
}

/// How the engines of this process are doing.
#[derive(Debug, Default)]
pub struct Health(Mutex<HashMap<(Kind, &'static str), Record>>);

impl Health {
    /// Whether it is worth asking. When a pause is over one caller tries again.
    pub fn is_usable(&self, kind: Kind, engine: &'static str, now: Instant) -> bool {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(&(kind, engine)) else {
            return true;
        };
        match record.until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                // The others wait until this one knows.
                record.until = Some(now + record.pause);
                true
            }
        }
    }

    /// Whether it pauses now. Asking this tries nothing.
    pub fn is_left_out(&self, kind: Kind, engine: &'static str, now: Instant) -> bool {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = records.get(&(kind, engine)).and_then(|record| record.until);
        until.is_some_and(|until| now < until)
    }

    pub fn succeeded(&self, kind: Kind, engine: &'static str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&(kind, engine));
    }

    pub fn failed(&self, kind: Kind, engine: &'static str, failure: Failure, now: Instant) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = records.entry((kind, engine)).or_insert(Record {
            failures: 0,
            pause: FIRST_PAUSE,
            until: None,
        });
        record.failures += 1;
        if failure == Failure::Late || record.failures >= QUICK_FAILURES {
            if record.until.is_some() {
                record.pause = (record.pause * 2).min(LONGEST_PAUSE);
            }
            record.until = Some(now + record.pause);
        }
    }
}

/// The engines to ask, in order: those that are usable, or all of them when none is.
pub fn order<E: ?Sized>(
    health: &Health,
    kind: Kind,
    engines: &[std::sync::Arc<E>],
    name: impl Fn(&E) -> &'static str,
) -> Vec<std::sync::Arc<E>> {
    let now = Instant::now();
    let usable: Vec<_> = engines
        .iter()
        .filter(|engine| health.is_usable(kind, name(engine), now))
        .cloned()
        .collect();
    if usable.is_empty() { engines.to_vec() } else { usable }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_late_engine_is_left_out_and_tried_again_by_one() {
        let (health, start) = (Health::default(), Instant::now());
        health.failed(Kind::Voice, "a", Failure::Late, start);
        assert!(!health.is_usable(Kind::Voice, "a", start));
        assert!(health.is_usable(Kind::Model, "a", start));
        assert!(health.is_usable(Kind::Voice, "a", after(start, 11)));
        assert!(!health.is_usable(Kind::Voice, "a", after(start, 11)), "only one tries");
        health.failed(Kind::Voice, "a", Failure::Late, after(start, 12));
        assert!(
            !health.is_usable(Kind::Voice, "a", after(start, 23)),
            "the pause has doubled"
        );
        assert!(health.is_usable(Kind::Voice, "a", after(start, 33)));
        health.succeeded(Kind::Voice, "a");
        for _ in 0..2 {
            assert!(health.is_usable(Kind::Voice, "a", after(start, 34)));
        }
    }

    #[test]
    fn one_quick_failure_is_forgiven() {
        let (health, start) = (Health::default(), Instant::now());
        health.failed(Kind::Model, "a", Failure::Refused, start);
        assert!(health.is_usable(Kind::Model, "a", start));
        health.failed(Kind::Model, "a", Failure::Refused, start);
        assert!(!health.is_usable(Kind::Model, "a", start));
    }
}
