//! What the caller's line sounds like: from a speech probability and a level per 20 ms to stretches of speech.
//!
//! Detecting voice in samples is the driver's work; deciding that a turn is over is [`super::end_of_turn`]'s.

use super::Ms;

/// One 20 ms frame of the caller's audio, as the voice detector saw it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Probability of speech, 0 to 1.
    pub speech: f32,
    /// Level in dB under full scale (0 is the loudest).
    pub level_db: f32,
}

/// Length of one frame.
pub const FRAME_MS: Ms = 20;

/// When a frame counts as voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hearing {
    /// Probability from which silence becomes voice.
    pub enter: f32,
    /// Probability under which voice becomes silence.
    pub leave: f32,
    /// Anything quieter is never voice.
    pub floor_db: f32,
    /// Voice is at least this much louder than the line's own noise.
    pub above_noise_db: f32,
    /// A gap up to this long does not break a run of voice.
    pub gap_ms: Ms,
    /// Voice in a run before it opens an utterance: shorter is a click.
    pub open_ms: Ms,
    /// Voice in an utterance that is worth recognising: shorter is a cough.
    pub burst_ms: Ms,
    /// Audio kept before the first voice of an utterance.
    pub lead_in_ms: Ms,
    /// An utterance is cut here, however long the caller goes on.
    pub longest_ms: Ms,
}

impl Default for Hearing {
    fn default() -> Self {
        Self {
            enter: 0.5,
            leave: 0.35,
            floor_db: -55.0,
            above_noise_db: 8.0,
            gap_ms: 120,
            open_ms: 60,
            burst_ms: 140,
            lead_in_ms: 240,
            longest_ms: 30_000,
        }
    }
}

/// A stretch of the caller's speech, in milliseconds of the caller's audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "units stand last")]
pub struct Stretch {
    pub from_ms: Ms,
    /// End of the last voice.
    pub voice_to_ms: Ms,
    pub voiced_ms: Ms,
}

#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "units stand last")]
struct Run {
    from_ms: Ms,
    voiced_ms: Ms,
    gap_ms: Ms,
}

/// Follows one caller's line.
#[derive(Debug)]
pub struct Ears {
    hearing: Hearing,
    /// The position in the recording: audio received so far, and the greeting before it.
    at_ms: Ms,
    noise_db: f32,
    in_voice: bool,
    run: Option<Run>,
    open: Option<Stretch>,
    /// A pause inside the open utterance that voice has just ended.
    pause_ms: Option<Ms>,
}

/// The line's noise until it was measured, and the range in which a measured one is believed.
const NOISE_DB: (f32, f32, f32) = (-75.0, -60.0, -35.0);

impl Ears {
    /// `at_ms`: where in the recording the caller's audio begins.
    pub const fn new(hearing: Hearing, at_ms: Ms) -> Self {
        Self {
            hearing,
            at_ms,
            noise_db: NOISE_DB.1,
            in_voice: false,
            run: None,
            open: None,
            pause_ms: None,
        }
    }

    /// Audio received so far, which is also the position in the recording.
    pub const fn at_ms(&self) -> Ms {
        self.at_ms
    }

    /// Voice in the present run; 0 between runs.
    pub fn run_voiced_ms(&self) -> Ms {
        self.run.map_or(0, |run| run.voiced_ms)
    }

    /// The utterance that is open, and the silence since its last voice.
    pub fn open(&self) -> Option<(Stretch, Ms)> {
        self.open
            .map(|stretch| (stretch, self.at_ms.saturating_sub(stretch.voice_to_ms)))
    }

    /// A pause that the caller has just spoken through, once.
    pub fn take_pause(&mut self) -> Option<Ms> {
        self.pause_ms.take()
    }

    /// Where the audio starts that may still be wanted.
    pub fn wanted_from_ms(&self) -> Ms {
        let run = self.run.map_or(self.at_ms, |run| run.from_ms);
        self.open
            .map_or(run.saturating_sub(self.hearing.lead_in_ms), |open| open.from_ms)
    }

    /// Takes the next 20 ms.
    pub fn frame(&mut self, frame: Frame) {
        let from_ms = self.at_ms;
        self.at_ms += FRAME_MS;
        let voice = self.is_voice(frame);
        self.in_voice = voice;
        if voice {
            self.voiced(from_ms);
        } else {
            self.learn_noise(frame.level_db);
            self.unvoiced();
        }
    }

    fn is_voice(&self, frame: Frame) -> bool {
        let hearing = &self.hearing;
        let least_db = hearing.floor_db.max(self.noise_db + hearing.above_noise_db);
        let needed = if self.in_voice { hearing.leave } else { hearing.enter };
        // Words end softly: once in voice the level may fall half-way to the noise.
        let slack_db = if self.in_voice {
            hearing.above_noise_db / 2.0
        } else {
            0.0
        };
        frame.speech >= needed && frame.level_db >= least_db - slack_db
    }

    fn learn_noise(&mut self, level_db: f32) {
        if !level_db.is_finite() {
            return;
        }
        let level_db = level_db.clamp(NOISE_DB.0, NOISE_DB.2);
        // Falls fast and rises slowly, so that speech which was not taken for voice does not deafen us.
        let weight = if level_db < self.noise_db { 0.2 } else { 0.01 };
        self.noise_db += (level_db - self.noise_db) * weight;
    }

    fn voiced(&mut self, from_ms: Ms) {
        let run = self.run.get_or_insert(Run {
            from_ms,
            ..Run::default()
        });
        run.voiced_ms += FRAME_MS;
        run.gap_ms = 0;
        let run = *run;
        match &mut self.open {
            Some(open) => {
                let pause_ms = from_ms.saturating_sub(open.voice_to_ms);
                if pause_ms > self.hearing.gap_ms {
                    self.pause_ms = Some(pause_ms);
                }
                open.voice_to_ms = self.at_ms;
                open.voiced_ms += FRAME_MS;
            }
            None if run.voiced_ms >= self.hearing.open_ms => {
                self.open = Some(Stretch {
                    from_ms: run.from_ms.saturating_sub(self.hearing.lead_in_ms),
                    voice_to_ms: self.at_ms,
                    voiced_ms: run.voiced_ms,
                });
            }
            None => {}
        }
    }

    fn unvoiced(&mut self) {
        if let Some(run) = &mut self.run {
            run.gap_ms += FRAME_MS;
            if run.gap_ms > self.hearing.gap_ms {
                self.run = None;
            }
        }
    }

    /// Whether the open utterance has reached its greatest length.
    pub fn too_long(&self) -> bool {
        self.open
            .is_some_and(|open| self.at_ms.saturating_sub(open.from_ms) >= self.hearing.longest_ms)
    }

    /// Closes the open utterance. `None` when there is none, or when it was only a burst.
    pub fn close(&mut self) -> Option<Stretch> {
        self.run = None;
        self.pause_ms = None;
        self.open
            .take()
            .filter(|stretch| stretch.voiced_ms >= self.hearing.burst_ms)
    }
}
