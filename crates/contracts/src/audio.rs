//! Audio as it is inside the product: samples, not a company's encoding.

use std::sync::Arc;

/// Samples in one second of a phone call.
pub const RATE_HZ: u32 = 8_000;
/// Samples in one 20 ms frame of a phone call.
pub const FRAME_SAMPLES: usize = 160;
/// Milliseconds in one frame.
pub const FRAME_MS: u32 = 20;

/// A stretch of a phone call: 8 kHz, mono, signed 16 bit.
#[derive(Clone, Default)]
pub struct Pcm(pub Arc<[i16]>);

impl Pcm {
    pub fn duration_ms(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX) * 1_000 / u64::from(RATE_HZ)
    }
}

impl From<Vec<i16>> for Pcm {
    fn from(samples: Vec<i16>) -> Self {
        Self(samples.into())
    }
}

impl std::fmt::Debug for Pcm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pcm({} ms)", self.duration_ms())
    }
}
