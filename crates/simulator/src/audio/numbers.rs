//! Conversions between numbers that audio and statistics need, in one place because each loses something.

/// A sample from a value that may be out of range.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "clamped to the range of a sample just before"
)]
pub fn to_sample(value: f32) -> i16 {
    value.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

/// A count as a float; exact below 2^53.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts here stay far below 2^53"
)]
pub fn to_f64(count: usize) -> f64 {
    count as f64
}

/// A float as a count: nothing below zero, rounded down.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and negative values are cut to zero before"
)]
pub fn to_usize(value: f64) -> usize {
    value.max(0.0) as usize
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "audio is handled in single precision"
)]
pub fn to_f32(value: f64) -> f32 {
    value as f32
}

/// Microseconds as milliseconds with their fraction.
pub fn to_ms(micros: u64) -> f64 {
    to_f64(usize::try_from(micros).unwrap_or(usize::MAX)) / 1_000.0
}

/// The value below which `share` (0 to 1) of the sorted values lie; `None` when there are none.
pub fn percentile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    let rank = to_usize((to_f64(last) * share).round());
    sorted.get(rank.min(last)).copied()
}
