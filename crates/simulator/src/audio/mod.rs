//! Sound as the simulator handles it: 8 kHz mono samples inside, a file's or a company's encoding at the edge.

mod decode;
mod envelope;
mod espeak;
mod level;
mod mp3;
mod mulaw;
mod numbers;
mod resample;
mod tones;
mod wav;

pub use decode::{Decoded, decode};
pub use envelope::{Envelope, FRAME_MS as ENVELOPE_FRAME_MS};
pub use espeak::{Voice, speak};
pub use level::{is_audible, rms_dbfs, voiced_span};
pub use mp3::encode as mp3;
pub use mulaw::{SILENCE as MULAW_SILENCE, decode as from_mulaw, encode as to_mulaw};
pub use numbers::{percentile, to_f64, to_ms, to_usize};
pub use resample::resample;
pub use tones::tone_speech;
pub use wav::{mono, stereo};

/// Samples in a second of a phone call.
pub const RATE_HZ: u32 = 8_000;
/// Samples in a frame as Twilio sends them.
pub const FRAME_SAMPLES: usize = 160;
/// How long a frame is.
pub const FRAME_MS: u64 = 20;

/// The length of so many samples of a phone call.
pub fn duration_ms(samples: usize) -> u64 {
    u64::try_from(samples).unwrap_or(u64::MAX) / (u64::from(RATE_HZ) / 1_000)
}

/// How many samples of a phone call so many milliseconds are.
pub fn samples_in(ms: u64) -> usize {
    usize::try_from(ms.saturating_mul(u64::from(RATE_HZ) / 1_000)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
