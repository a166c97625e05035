//! From an engine's sample rate to a call's, piece by piece.

use contracts::{Fault, audio::RATE_HZ};
use rubato::{Fft, FixedSync, Indexing, Resampler, audioadapter_buffers::direct::InterleavedSlice};

/// Samples that go in at a time: short, so that the first sound is not held back.
const CHUNK: usize = 480;

/// Turns mono samples of one rate into 8 kHz, without what 8 kHz cannot hold.
pub(crate) struct CallRate {
    /// `None` when the rate is the call's already.
    resampler: Option<Fft<f32>>,
    waiting: Vec<f32>,
    /// Samples that the filter puts before the first one.
    to_skip: usize,
    /// What all of the input so far must become, no more and no less.
    taken_in: u64,
    given_out: u64,
    rate_hz: u32,
}

impl CallRate {
    pub(crate) fn from_rate(rate_hz: u32) -> Result<Self, Fault> {
        let unusable = || Fault::Unknown(format!("audio at {rate_hz} Hz"));
        let resampler = match rate_hz {
            RATE_HZ => None,
            8_001..=192_000 => {
                let rate_in = usize::try_from(rate_hz).map_err(|_| unusable())?;
                let rate_out = usize::try_from(RATE_HZ).map_err(|_| unusable())?;
                let built = Fft::new(rate_in, rate_out, CHUNK, 1, FixedSync::Both).map_err(|_| unusable())?;
                Some(built)
            }
            _ => return Err(unusable()),
        };
        let to_skip = resampler.as_ref().map_or(0, Resampler::output_delay);
        Ok(Self {
            resampler,
            waiting: Vec::new(),
            to_skip,
            taken_in: 0,
            given_out: 0,
            rate_hz,
        })
    }

    /// The samples that are ready after `input` came in.
    pub(crate) fn push(&mut self, input: &[i16]) -> Result<Vec<i16>, Fault> {
        self.taken_in += u64::try_from(input.len()).unwrap_or(u64::MAX);
        if self.resampler.is_none() {
            return Ok(input.to_vec());
        }
        self.waiting.extend(input.iter().map(|sample| f32::from(*sample)));
        self.drain(false)
    }

    /// What is left when no more input comes.
    pub(crate) fn finish(mut self) -> Result<Vec<i16>, Fault> {
        if self.resampler.is_none() {
            return Ok(Vec::new());
        }
        let mut out = self.drain(true)?;
        let owed = (self.taken_in * u64::from(RATE_HZ)).div_ceil(u64::from(self.rate_hz));
        let mut rounds = 0;
        while self.given_out < owed && rounds < 64 {
            self.waiting.clear();
            out.extend(self.drain(true)?);
            rounds += 1;
        }
        let surplus = usize::try_from(self.given_out.saturating_sub(owed)).unwrap_or(0);
        out.truncate(out.len().saturating_sub(surplus));
        Ok(out)
    }

    /// Runs whole chunks through the filter; with `flush`, the remainder too, padded with silence.
    fn drain(&mut self, flush: bool) -> Result<Vec<i16>, Fault> {
        let Some(resampler) = self.resampler.as_mut() else {
            return Ok(Vec::new());
        };
        let broken = || Fault::Unknown("audio that cannot be resampled".to_owned());
        let mut out = Vec::new();
        loop {
            let needed = resampler.input_frames_next();
            let present = needed.min(self.waiting.len());
            if present < needed && !flush {
                return Ok(out);
            }
            let chunk: Vec<f32> = self.waiting.drain(..present).collect();
            let input = InterleavedSlice::new(&chunk, 1, present).map_err(|_| broken())?;
            let partial = Indexing {
                input_offset: 0,
                output_offset: 0,
                partial_len: Some(present),
                active_channels_mask: None,
            };
            let indexing = (present < needed).then_some(&partial);
            let made = resampler.process(&input, indexing).map_err(|_| broken())?.take_data();
            let skipped = self.to_skip.min(made.len());
            self.to_skip -= skipped;
            self.given_out += u64::try_from(made.len() - skipped).unwrap_or(0);
            out.extend(made.into_iter().skip(skipped).map(to_sample));
            if present < needed {
                return Ok(out);
            }
        }
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the value was clamped to what i16 holds"
)]
pub(crate) fn to_sample(value: f32) -> i16 {
    value.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

#[cfg(test)]
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "tones for a test")]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, hz: f32, samples: usize) -> Vec<i16> {
        (0..samples)
            .map(|n| to_sample(10_000.0 * (2.0 * std::f32::consts::PI * hz * n as f32 / rate_hz as f32).sin()))
            .collect()
    }

    fn level(samples: &[i16]) -> f32 {
        (samples.iter().map(|s| f32::from(*s).powi(2)).sum::<f32>() / samples.len() as f32).sqrt()
    }

    fn through(rate_hz: u32, input: &[i16], piece: usize) -> Vec<i16> {
        let mut rate = CallRate::from_rate(rate_hz).unwrap();
        let mut out = Vec::new();
        for piece in input.chunks(piece) {
            out.extend(rate.push(piece).unwrap());
        }
        out.extend(rate.finish().unwrap());
        out
    }

    #[test]
    fn a_tone_keeps_its_length_and_its_level() {
        for rate_hz in [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] {
            let seconds = 2;
            let input = tone(rate_hz, 440.0, rate_hz as usize * seconds);
            for piece in [97, 480, 10_000] {
                let out = through(rate_hz, &input, piece);
                assert_eq!(out.len(), 8_000 * seconds, "{rate_hz} Hz in pieces of {piece}");
                let ratio = level(&out[800..15_200]) / level(&input);
                assert!((0.95..1.05).contains(&ratio), "{rate_hz} Hz: {ratio}");
            }
        }
    }

    #[test]
    fn what_a_call_cannot_hold_is_filtered_away() {
        let input = tone(24_000, 6_000.0, 24_000);
        assert!(level(&through(24_000, &input, 480)) < level(&input) / 50.0);
    }

    #[test]
    fn an_absurd_rate_is_a_fault() {
        assert!(CallRate::from_rate(0).is_err());
        assert!(CallRate::from_rate(4_000_000).is_err());
    }
}
