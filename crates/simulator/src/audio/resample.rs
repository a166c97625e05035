//! From one sample rate to another with a windowed sinc: whole clips, not streams.

use std::f64::consts::PI;

use super::numbers::{to_f32, to_f64, to_sample, to_usize};

/// Zero crossings of the sinc on each side; 16 keeps what folds back below the noise of mu-law.
const HALF_WIDTH: f64 = 16.0;
/// Rates whose ratio has more phases than this are not met in telephony.
const MOST_PHASES: usize = 1_000;

pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let (Ok(from), Ok(to)) = (usize::try_from(from_hz), usize::try_from(to_hz)) else {
        return samples.to_vec();
    };
    let shared = gcd(from, to);
    if from == to || samples.is_empty() || from == 0 || to == 0 || to / shared > MOST_PHASES {
        return samples.to_vec();
    }
    let (step, phases) = (from / shared, to / shared);
    let filters = Filters::new(step, phases);
    (0..samples.len().saturating_mul(phases) / step)
        .map(|n| filters.at(samples, n * step / phases, n * step % phases))
        .collect()
}

const fn gcd(a: usize, b: usize) -> usize {
    if b == 0 {
        if a == 0 { 1 } else { a }
    } else {
        gcd(b, a % b)
    }
}

/// One filter for each place between two samples at which a new one can fall, computed once.
struct Filters {
    reach: usize,
    taps: Vec<Vec<f32>>,
}

impl Filters {
    fn new(step: usize, phases: usize) -> Self {
        let ratio = to_f64(step) / to_f64(phases);
        // Below the smaller of both Nyquist frequencies, with a little room for the filter's slope.
        let cutoff = 0.97 * (1.0 / ratio).min(1.0);
        let width = HALF_WIDTH / cutoff;
        let reach = to_usize(width.ceil());
        let tap = |place: usize, phase: usize| {
            let distance = to_f64(place) - to_f64(reach) - to_f64(phase) / to_f64(phases);
            let inside = distance.abs() < width;
            to_f32(if inside {
                cutoff * sinc(distance * cutoff) * hann(distance / width)
            } else {
                0.0
            })
        };
        let taps = (0..phases)
            .map(|phase| (0..=2 * reach + 1).map(|place| tap(place, phase)).collect())
            .collect();
        Self { reach, taps }
    }

    /// The new sample `phase` behind the old one at `base`.
    fn at(&self, samples: &[i16], base: usize, phase: usize) -> i16 {
        let Some(taps) = self.taps.get(phase) else { return 0 };
        let first = base.saturating_sub(self.reach);
        let unused = self.reach.saturating_sub(base);
        let window = samples.get(first..).unwrap_or_default();
        let sum: f32 = window
            .iter()
            .zip(taps.iter().skip(unused))
            .map(|(sample, tap)| f32::from(*sample) * tap)
            .sum();
        to_sample(sum)
    }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn hann(x: f64) -> f64 {
    f64::midpoint(1.0, (PI * x).cos())
}
