//! Whether the schema is the one that this program was built for, asked of the database now and then only.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// An answer holds this long: whoever watches asks every second or so.
const HOLDS: TimeDelta = TimeDelta::seconds(10);

/// The last answer, and when it was given.
#[derive(Debug, Default)]
pub(super) struct LastLook(Mutex<Option<(DateTime<Utc>, bool)>>);

impl LastLook {
    pub(super) fn holds(&self, now: DateTime<Utc>) -> Option<bool> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(at, _)| now - *at < HOLDS).map(|(_, current)| current)
    }

    pub(super) fn note(&self, now: DateTime<Utc>, current: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, current));
    }
}
