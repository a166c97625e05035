//! How loud both sides are, for people who watch a call: a few times a second, and only when it changes.

use contracts::audio::FRAME_SAMPLES;

use super::codec;

/// Frames between two looks: about four a second.
const FRAMES: u32 = 12;
/// How much a level must change to be shown.
const STEP: f32 = 0.05;

#[derive(Default)]
pub struct Levels {
    frames: u32,
    caller: f32,
    shown: (f32, f32),
}

impl Levels {
    /// Takes 20 ms of both sides; the levels from 0 to 1, the caller's first, when they are to be shown.
    pub fn add(&mut self, caller_db: f32, agent: Option<&[u8; FRAME_SAMPLES]>) -> Option<(f32, f32)> {
        self.caller = self.caller.max(codec::loudness(caller_db));
        self.frames += 1;
        if self.frames < FRAMES {
            return None;
        }
        // One frame of the agent's stands for the whole stretch.
        let agent = agent.map_or(0.0, |frame| {
            let mut samples = [0; FRAME_SAMPLES];
            codec::decode(frame, &mut samples);
            codec::loudness(codec::level_db(&samples))
        });
        let now = (self.caller, agent);
        (self.frames, self.caller) = (0, 0.0);
        let moved = (self.shown.0 - now.0).abs() >= STEP || (self.shown.1 - now.1).abs() >= STEP;
        moved.then(|| {
            self.shown = now;
            now
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_shown_a_few_times_a_second_and_only_when_they_change() {
        let mut levels = Levels::default();
        let shown = |levels: &mut Levels, db: f32| (0..50).filter_map(|_| levels.add(db, None)).count();
        assert_eq!(shown(&mut levels, codec::SILENT_DB), 0);
        assert_eq!(shown(&mut levels, -20.0), 1);
        assert_eq!(shown(&mut levels, -20.0), 0);
        assert_eq!(shown(&mut levels, codec::SILENT_DB), 1);
    }
}
