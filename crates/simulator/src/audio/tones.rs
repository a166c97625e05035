//! Something that sounds like speech from far away and costs next to nothing: one hummed syllable per two letters, with
//! harmonics, a falling pitch and pauses between words. For load, and where no voice is installed.

use std::{
    f64::consts::TAU,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::numbers::{to_f32, to_f64, to_sample, to_usize};

const SYLLABLE_MS: usize = 150;
const PAUSE_MS: usize = 70;
const LOUDNESS: f64 = 7_000.0;
/// Strength of each harmonic of the hum.
const HARMONICS: [f64; 6] = [1.0, 0.8, 0.55, 0.4, 0.3, 0.2];

/// The same text always sounds the same, and different words differ in pitch and length.
pub fn tone_speech(text: &str, rate_hz: u32) -> Vec<i16> {
    let rate = to_usize(f64::from(rate_hz));
    let mut samples = Vec::new();
    for word in text.split_whitespace() {
        let syllables = word.chars().filter(|c| c.is_alphanumeric()).count().div_ceil(2).max(1);
        for syllable in 0..syllables {
            let pitch_hz = pitch_hz(word, syllable);
            hum(&mut samples, pitch_hz, rate * SYLLABLE_MS / 1_000, f64::from(rate_hz));
        }
        samples.resize(samples.len() + rate * PAUSE_MS / 1_000, 0);
    }
    samples
}

fn pitch_hz(word: &str, syllable: usize) -> f64 {
    let mut hash = DefaultHasher::new();
    (word, syllable).hash(&mut hash);
    let spread = f64::from(u8::try_from(hash.finish() % 90).unwrap_or(0));
    150.0 + spread - 4.0 * to_f64(syllable)
}

fn hum(samples: &mut Vec<i16>, pitch_hz: f64, length: usize, rate_hz: f64) {
    let scale: f64 = HARMONICS.iter().sum();
    samples.extend((0..length).map(|n| {
        let done = to_f64(n) / to_f64(length);
        let phase = TAU * pitch_hz * (1.0 - 0.08 * done) * to_f64(n) / rate_hz;
        let voice: f64 = HARMONICS
            .iter()
            .zip(1u8..)
            .map(|(strength, k)| strength * (phase * f64::from(k)).sin())
            .sum();
        // Rises quickly, falls slowly, as a syllable does.
        let shape = (done * 12.0).min(1.0) * (1.0 - done).sqrt();
        to_sample(to_f32(LOUDNESS * shape * voice / scale * 2.0))
    }));
}
