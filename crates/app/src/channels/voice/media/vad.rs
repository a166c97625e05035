//! Voice detection on a phone line: 8 kHz frames in, a speech probability out.
//!
//! The detector wants 256 samples at 16 kHz (16 ms), so the frames are doubled by interpolation and cut anew: four
//! frames of the line are five of the detector.

use contracts::audio::FRAME_SAMPLES;
use earshot::Detector;

use super::codec::Samples;

/// Samples of one detection.
const WINDOW: usize = 256;
/// A line quieter than this for a while is not worth detecting on: nothing on it counts as voice.
const DEAF_DB: f32 = -62.0;
const DEAF_FRAMES: u32 = 10;

pub struct VoiceDetector {
    detector: Box<Detector>,
    window: [i16; WINDOW],
    filled: usize,
    previous: i16,
    quiet_frames: u32,
    last: f32,
}

impl VoiceDetector {
    pub fn new() -> Self {
        Self {
            detector: Detector::default_boxed(),
            window: [0; WINDOW],
            filled: 0,
            previous: 0,
            quiet_frames: 0,
            last: 0.0,
        }
    }

    /// The probability that somebody speaks in this frame.
    pub fn detect(&mut self, samples: &Samples, level_db: f32) -> f32 {
        if level_db >= DEAF_DB {
            self.quiet_frames = 0;
        } else {
            self.quiet_frames = self.quiet_frames.saturating_add(1);
            if self.quiet_frames > DEAF_FRAMES {
                self.last = 0.0;
                return 0.0;
            }
        }
        let mut highest = None::<f32>;
        for sample in samples.iter().take(FRAME_SAMPLES) {
            let between = i32::midpoint(i32::from(self.previous), i32::from(*sample));
            self.push(i16::try_from(between).unwrap_or(*sample), &mut highest);
            self.push(*sample, &mut highest);
            self.previous = *sample;
        }
        if let Some(highest) = highest {
            self.last = highest;
        }
        self.last
    }

    fn push(&mut self, sample: i16, highest: &mut Option<f32>) {
        if let Some(place) = self.window.get_mut(self.filled) {
            *place = sample;
        }
        self.filled += 1;
        if self.filled == WINDOW {
            self.filled = 0;
            let speech = self.detector.predict_i16(&self.window);
            *highest = Some(highest.map_or(speech, |highest| highest.max(speech)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::voice::media::codec;

    #[test]
    fn speech_is_told_from_silence_and_from_hiss() {
        let clip =
            conversation::sentences::get(conversation::sentences::Key::Greeting, contracts::tts::Gender::Feminine).clip;
        let mut voiced = 0_u32;
        let mut frames = 0_u32;
        let mut detector = VoiceDetector::new();
        let mut samples = [0; FRAME_SAMPLES];
        for frame in clip.chunks_exact(FRAME_SAMPLES) {
            codec::decode(frame, &mut samples);
            frames += 1;
            voiced += u32::from(detector.detect(&samples, codec::level_db(&samples)) >= 0.5);
        }
        assert!(voiced * 2 > frames, "{voiced} of {frames}");

        let mut detector = VoiceDetector::new();
        let mut noise = 1_u32;
        let mut heard = 0_u32;
        for _ in 0..200 {
            for sample in &mut samples {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = i16::try_from(noise >> 24).unwrap_or(0) - 128;
            }
            heard += u32::from(detector.detect(&samples, codec::level_db(&samples)) >= 0.5);
        }
        assert!(heard < 20, "{heard}");
    }
}
