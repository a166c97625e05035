//! The caller's audio that may still be wanted: kept as it came, dropped as soon as it is of no use.

use std::collections::VecDeque;

use contracts::audio::{FRAME_SAMPLES, Pcm, RATE_HZ};

use super::codec;

/// What is kept at most: the longest utterance and its lead-in.
const MOST_BYTES: usize = 32 * 8_000;

/// The end of the caller's audio, as mu-law.
#[derive(Default)]
pub struct Tape {
    bytes: VecDeque<u8>,
    /// Bytes before the first one that is kept.
    dropped: u64,
}

impl Tape {
    /// A tape whose first byte stands at this moment of the call's recording.
    pub fn from_ms(ms: u64) -> Self {
        Self {
            dropped: position(ms),
            ..Self::default()
        }
    }

    pub fn push(&mut self, frame: &[u8]) {
        self.bytes.extend(frame.iter().take(FRAME_SAMPLES));
        self.bytes.extend(std::iter::repeat_n(
            codec::SILENCE,
            FRAME_SAMPLES.saturating_sub(frame.len()),
        ));
        let over = self.bytes.len().saturating_sub(MOST_BYTES);
        self.drop_first(over);
    }

    /// Forgets what lies before this moment.
    pub fn forget_before(&mut self, ms: u64) {
        let until = position(ms);
        let count = usize::try_from(until.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.drop_first(count.min(self.bytes.len()));
        // After a long utterance its room is given back.
        if self.bytes.capacity() > 64 * 1024 && self.bytes.len() < 8 * 1024 {
            self.bytes.shrink_to(8 * 1024);
        }
    }

    fn drop_first(&mut self, count: usize) {
        self.bytes.drain(..count);
        self.dropped += u64::try_from(count).unwrap_or(u64::MAX);
    }

    /// The audio between two moments, as far as it is still there.
    pub fn cut(&self, from_ms: u64, to_ms: u64) -> Pcm {
        let place = |ms: u64| usize::try_from(position(ms).saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let to = place(to_ms).min(self.bytes.len());
        let from = place(from_ms).min(to);
        Pcm::from(codec::decode_all(self.bytes.range(from..to).copied()))
    }
}

fn position(ms: u64) -> u64 {
    ms.saturating_mul(u64::from(RATE_HZ)) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_cut_out_by_time_and_what_is_old_is_gone() {
        let mut tape = Tape::default();
        for _ in 0..100 {
            tape.push(&[0; FRAME_SAMPLES]);
        }
        assert_eq!(tape.cut(500, 1_500).duration_ms(), 1_000);
        tape.forget_before(1_000);
        assert_eq!(tape.cut(500, 1_500).duration_ms(), 500);
        assert_eq!(tape.cut(1_900, 9_000).duration_ms(), 100);
        for _ in 0..5_000 {
            tape.push(&[0; 3]);
        }
        assert!(tape.bytes.len() <= MOST_BYTES);
    }
}
