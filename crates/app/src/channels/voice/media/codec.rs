//! Mu-law, which exists only at this edge, and how loud a frame is.

use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use contracts::audio::FRAME_SAMPLES;

/// Mu-law for silence.
pub const SILENCE: u8 = 0xFF;
/// The level of digital silence.
pub const SILENT_DB: f32 = -96.0;

/// 20 ms of samples.
pub type Samples = [i16; FRAME_SAMPLES];

/// Decodes a frame; a short one is filled with silence.
pub fn decode(bytes: &[u8], samples: &mut Samples) {
    samples.fill(0);
    for (sample, byte) in samples.iter_mut().zip(bytes) {
        *sample = decode_ulaw(*byte);
    }
}

pub fn decode_all(bytes: impl Iterator<Item = u8>) -> Vec<i16> {
    bytes.map(decode_ulaw).collect()
}

pub fn encode_all(samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|sample| encode_ulaw(*sample)).collect()
}

/// The level of a frame in dB under full scale.
pub fn level_db(samples: &Samples) -> f32 {
    let energy: i64 = samples
        .iter()
        .map(|sample| i64::from(*sample) * i64::from(*sample))
        .sum();
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "a level needs no exactness"
    )]
    let mean = energy as f32 / FRAME_SAMPLES as f32 / (32_768.0 * 32_768.0);
    if mean <= 0.0 {
        SILENT_DB
    } else {
        (10.0 * mean.log10()).max(SILENT_DB)
    }
}

/// A level for people: 0 at −60 dB, 1 at full scale.
pub fn loudness(level_db: f32) -> f32 {
    ((level_db + 60.0) / 60.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_silent_and_a_full_scale_square_is_loud() {
        let mut samples = [0; FRAME_SAMPLES];
        assert!(level_db(&samples) <= SILENT_DB);
        samples.fill(i16::MAX);
        assert!(level_db(&samples) > -0.1);
        decode(&[SILENCE; 10], &mut samples);
        assert!(samples.iter().all(|sample| *sample == 0));
    }

    #[test]
    fn what_is_encoded_comes_back_nearly_the_same() {
        let tone: Vec<i16> = (0..160_i16).map(|n| (n % 40 - 20) * 800).collect();
        let back = decode_all(encode_all(&tone).into_iter());
        for (sent, heard) in tone.iter().zip(back) {
            assert!((sent - heard).abs() <= (sent.abs() / 20).max(16), "{sent} {heard}");
        }
    }
}
