//! How many rows a list has: exact, and of a long list from a counter that is a few seconds old at most.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::Statement;

/// To here a list is counted anew each time.
pub(super) const COUNTED_ANEW: u64 = 10_000;
/// So long a longer one's count holds.
const HOLDS: TimeDelta = TimeDelta::seconds(5);
/// More lists than are looked at within that time; when there are more, those that were counted first go.
const MOST: usize = 1_000;

/// The counts of long lists, by the statement that counts: the business, the filters and who looks are all in it.
#[derive(Debug, Default)]
pub(super) struct Totals(Mutex<HashMap<String, Counted>>);

#[derive(Clone, Copy, Debug)]
struct Counted {
    at: DateTime<Utc>,
    total: u64,
}

/// What a list's count is known by.
pub(super) fn key(count: &Statement) -> String {
    use std::fmt::Write as _;
    let mut key = count.sql.clone();
    if let Some(values) = &count.values {
        let _ = write!(key, "{:?}", values.0);
    }
    key
}

impl Totals {
    pub(super) fn of(&self, key: &str, now: DateTime<Utc>) -> Option<u64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        let fresh = |counted: &Counted| counted.at <= now && now - counted.at <= HOLDS;
        known.filter(fresh).map(|counted| counted.total)
    }

    pub(super) fn note(&self, key: String, now: DateTime<Utc>, total: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, counted| now - counted.at <= HOLDS);
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, Counted { at: now, total });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_holds_for_five_seconds_and_there_are_never_too_many() {
        let totals = Totals::default();
        let then = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        totals.note("a".to_owned(), then, 20_000);
        assert_eq!(totals.of("a", then + TimeDelta::seconds(5)), Some(20_000));
        assert_eq!(totals.of("a", then + TimeDelta::milliseconds(5_001)), None);
        assert_eq!(
            totals.of("a", then - TimeDelta::seconds(1)),
            None,
            "a clock that was put back"
        );
        assert_eq!(totals.of("b", then), None);
        for n in 0..5_000 {
            totals.note(n.to_string(), then, 20_000);
        }
        assert!(totals.0.lock().expect("a map").len() <= MOST);
    }
}
