//! How loud something is, and where in it somebody speaks.

use super::{FRAME_SAMPLES, numbers::to_f64};

/// What is louder than this is heard as more than the line's noise.
const AUDIBLE_DBFS: f64 = -45.0;
const SILENT_DBFS: f64 = -96.0;

/// The root mean square below full scale; -96 for silence.
pub fn rms_dbfs(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return SILENT_DBFS;
    }
    let sum: f64 = samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    let rms = (sum / to_f64(samples.len())).sqrt() / f64::from(i16::MAX);
    if rms <= 0.0 {
        SILENT_DBFS
    } else {
        (20.0 * rms.log10()).max(SILENT_DBFS)
    }
}

pub fn is_audible(samples: &[i16]) -> bool {
    rms_dbfs(samples) > AUDIBLE_DBFS
}

/// First and last sample (exclusive) of what is audible, by whole frames; `None` when nothing is.
pub fn voiced_span(samples: &[i16]) -> Option<(usize, usize)> {
    let audible = |frame: &[i16]| is_audible(frame);
    let first = samples.chunks(FRAME_SAMPLES).position(audible)?;
    let last = samples.chunks(FRAME_SAMPLES).rposition(audible)?;
    Some((first * FRAME_SAMPLES, samples.len().min((last + 1) * FRAME_SAMPLES)))
}
