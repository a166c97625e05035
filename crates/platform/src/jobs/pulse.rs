//! Whether a runner is at work, for those who only watch (`/readyz`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A runner looks at the queue about every second; after this long without a look it is taken for stuck.
const STUCK: Duration = Duration::from_secs(30);

/// Shared between a runner and who watches it.
#[derive(Clone, Debug)]
pub struct Pulse {
    made: Instant,
    /// Milliseconds after `made`, and one, of the last look at the queue; 0 before the first.
    last_ms: Arc<AtomicU64>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            made: Instant::now(),
            last_ms: Arc::default(),
        }
    }
}

impl Pulse {
    pub fn is_alive(&self) -> bool {
        let last = self.last_ms.load(Ordering::Relaxed);
        last != 0 && self.now_ms().saturating_sub(last) < u64::try_from(STUCK.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn beat(&self) {
        self.last_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.made.elapsed().as_millis()).map_or(u64::MAX, |ms| ms.saturating_add(1))
    }
}
