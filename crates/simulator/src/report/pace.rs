//! How punctual the simulator itself was: the honesty of every figure that it measures.

use serde::Serialize;

use crate::audio::{to_f64, to_ms, to_usize};

const BUCKET_US: u64 = 250;
/// Up to 100 ms; what is later falls into the last one.
const BUCKETS: usize = 400;
/// A run whose frames were later than this at p99 is invalid.
pub const ALLOWED_MS: f64 = 5.0;

/// Counts by lateness.
#[derive(Clone, Debug)]
pub struct Pace {
    buckets: Vec<u64>,
    frames: u64,
    worst_us: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct PaceReport {
    pub frames: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub worst_ms: f64,
    pub valid: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            frames: 0,
            worst_us: 0,
        }
    }
}

impl Pace {
    pub fn sent(&mut self, late_us: u64) {
        let bucket = usize::try_from(late_us / BUCKET_US).unwrap_or(BUCKETS).min(BUCKETS - 1);
        if let Some(count) = self.buckets.get_mut(bucket) {
            *count += 1;
        }
        self.frames += 1;
        self.worst_us = self.worst_us.max(late_us);
    }

    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.frames += other.frames;
        self.worst_us = self.worst_us.max(other.worst_us);
    }

    /// The upper end of the bucket in which that share of all frames is reached.
    fn percentile_ms(&self, share: f64) -> f64 {
        let wanted = to_usize((to_f64(usize::try_from(self.frames).unwrap_or(usize::MAX)) * share).ceil());
        let mut seen = 0;
        for (bucket, count) in (1u64..).zip(&self.buckets) {
            seen += usize::try_from(*count).unwrap_or(usize::MAX);
            if seen >= wanted && seen > 0 {
                return to_ms(bucket * BUCKET_US).min(to_ms(self.worst_us));
            }
        }
        to_ms(self.worst_us)
    }

    pub fn report(&self) -> PaceReport {
        let p99_ms = self.percentile_ms(0.99);
        PaceReport {
            frames: self.frames,
            p50_ms: self.percentile_ms(0.5),
            p99_ms,
            worst_ms: to_ms(self.worst_us),
            valid: p99_ms <= ALLOWED_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_late_frame_in_a_hundred_shows_as_the_worst_only() {
        let mut pace = Pace::default();
        (0..99).for_each(|_| pace.sent(300));
        pace.sent(40_000);
        let report = pace.report();
        assert_eq!((report.frames, report.p99_ms, report.worst_ms), (100, 0.5, 40.0));
        assert!(report.valid);
    }

    #[test]
    fn two_in_a_hundred_make_a_run_invalid() {
        let mut pace = Pace::default();
        (0..98).for_each(|_| pace.sent(0));
        (0..2).for_each(|_| pace.sent(6_000));
        assert!(!pace.report().valid);
    }

    #[test]
    fn paces_of_calls_are_added() {
        let mut all = Pace::default();
        let mut one = Pace::default();
        one.sent(1_000_000);
        all.add(&one);
        all.add(&one);
        assert_eq!((all.report().frames, all.report().worst_ms), (2, 1_000.0));
    }
}
