//! Makes the program's sound fit for a phone: trimmed, limited to a phone's band, brought to one level, at 8 kHz.

use contracts::{Fault, audio::Pcm};

use crate::audio::{CallRate, parse_header, to_sample};

/// Peak of what is played: 3 dB under full scale, so that mu-law has room.
const PEAK: f32 = 0.707_945_8 * 32_767.0;
/// Quieter than this beside the peak is silence.
const SILENCE: f32 = 0.008;
/// What stays before the first and after the last sound.
const LEAD_SAMPLES: usize = 160;
const TAIL_SAMPLES: usize = 640;

/// Below it a phone gives nothing but rumble.
const LOW_HZ: f32 = 180.0;
/// Above it a phone gives nothing.
const HIGH_HZ: f32 = 3_400.0;
const RATE_HZ: f32 = 8_000.0;

/// The program's WAV as a call's samples.
pub(super) fn from_wav(wav: &[u8]) -> Result<Pcm, Fault> {
    let soundless = || Fault::Unknown("espeak-ng gave no sound".to_owned());
    let header = parse_header(wav)?.ok_or_else(soundless)?;
    let bytes = wav.get(header.samples_at..).unwrap_or_default();
    let samples: Vec<i16> = bytes
        .chunks_exact(2)
        .map(|pair| pair.try_into().map_or(0, i16::from_le_bytes))
        .collect();
    let mut rate = CallRate::from_rate(header.rate_hz)?;
    let mut at_call_rate = rate.push(&samples)?;
    at_call_rate.extend(rate.finish()?);
    let shaped = shape(&at_call_rate);
    if shaped.is_empty() {
        return Err(soundless());
    }
    Ok(shaped.into())
}

fn shape(samples: &[i16]) -> Vec<i16> {
    let mut sound: Vec<f32> = samples.iter().map(|sample| f32::from(*sample)).collect();
    Filter::high_pass(LOW_HZ).run(&mut sound);
    Filter::low_pass(HIGH_HZ).run(&mut sound);
    let peak = sound.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak < 1.0 {
        return Vec::new();
    }
    let threshold = peak * SILENCE;
    let heard = |sample: &f32| sample.abs() > threshold;
    let first = sound.iter().position(heard).unwrap_or(0).saturating_sub(LEAD_SAMPLES);
    let last = sound.iter().rposition(heard).unwrap_or(0) + TAIL_SAMPLES;
    let gain = PEAK / peak;
    sound
        .iter()
        .take(last + 1)
        .skip(first)
        .map(|sample| to_sample(sample * gain))
        .collect()
}

/// A second-order Butterworth filter (R. Bristow-Johnson, «Cookbook formulae for audio EQ biquad filter coefficients»).
struct Filter {
    input: [f32; 3],
    output: [f32; 2],
}

impl Filter {
    fn high_pass(hz: f32) -> Self {
        Self::new(hz, |cosine| [0.5 + cosine / 2.0, -1.0 - cosine, 0.5 + cosine / 2.0])
    }

    fn low_pass(hz: f32) -> Self {
        Self::new(hz, |cosine| [0.5 - cosine / 2.0, 1.0 - cosine, 0.5 - cosine / 2.0])
    }

    fn new(hz: f32, numerator: impl Fn(f32) -> [f32; 3]) -> Self {
        let angle = 2.0 * std::f32::consts::PI * hz / RATE_HZ;
        let (sine, cosine) = angle.sin_cos();
        let alpha = sine * std::f32::consts::FRAC_1_SQRT_2;
        let whole = 1.0 + alpha;
        Self {
            input: numerator(cosine).map(|value| value / whole),
            output: [-2.0 * cosine / whole, (1.0 - alpha) / whole],
        }
    }

    fn run(&self, sound: &mut [f32]) {
        let [b0, b1, b2] = self.input;
        let [a1, a2] = self.output;
        let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
        for sample in sound {
            let x0 = *sample;
            let y0 = b0 * x0 + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
            (x1, x2, y1, y2) = (x0, x1, y0, y1);
            *sample = y0;
        }
    }
}

#[cfg(test)]
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "tones for a test")]
mod tests {
    use super::*;

    fn tone(hz: f32, amplitude: f32) -> Vec<i16> {
        (0..8_000)
            .map(|n| to_sample(amplitude * (2.0 * std::f32::consts::PI * hz * n as f32 / RATE_HZ).sin()))
            .collect()
    }

    #[test]
    fn silence_around_is_trimmed_and_the_peak_is_set() {
        let mut sound = vec![0; 4_000];
        sound.extend(tone(1_000.0, 3_000.0));
        sound.extend(vec![0; 4_000]);
        let shaped = shape(&sound);
        assert!((8_000..9_000).contains(&shaped.len()), "{}", shaped.len());
        let peak = shaped.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((23_000..23_400).contains(&peak), "{peak}");
    }

    #[test]
    fn rumble_is_taken_out() {
        let mixed: Vec<i16> = tone(30.0, 8_000.0)
            .iter()
            .zip(tone(1_000.0, 8_000.0))
            .map(|(low, high)| low + high)
            .collect();
        let mut sound: Vec<f32> = mixed.iter().map(|sample| f32::from(*sample)).collect();
        Filter::high_pass(LOW_HZ).run(&mut sound);
        let peak = sound[2_000..]
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!((7_600.0..8_600.0).contains(&peak), "{peak}");
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(shape(&[0; 8_000]).is_empty());
        assert!(shape(&[]).is_empty());
    }
}
