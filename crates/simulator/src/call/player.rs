//! What Twilio does with the audio it is sent: plays it in order, says when a mark was reached, and forgets the rest on
//! `clear`. No clock inside: times come in, as microseconds since the stream began.

use std::collections::VecDeque;

use crate::audio::FRAME_SAMPLES;

/// At 8 kHz.
const SAMPLE_US: u64 = 125;

/// A piece of audio and when it is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub begins_us: u64,
    pub ends_us: u64,
    /// How long nothing was heard before this, when something had been heard before.
    pub silent_us: Option<u64>,
    /// Whether the silence came after a mark, at a place that the server chose.
    pub after_mark: bool,
}

/// What a `clear` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Audio that will not be heard.
    pub dropped_us: u64,
    /// Marks that are sent back because of it, in order.
    pub marks: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Player {
    /// When the last queued sample will have been heard; `None` before the first.
    ends_us: Option<u64>,
    marks: VecDeque<(u64, String)>,
    mark_was_last: bool,
}

impl Player {
    /// Queues so many samples.
    pub fn media(&mut self, now_us: u64, samples: usize) -> Placed {
        let silent_us = self
            .ends_us
            .and_then(|end| now_us.checked_sub(end))
            .filter(|silent| *silent > 0);
        let begins_us = self.ends_us.map_or(now_us, |end| end.max(now_us));
        let ends_us = begins_us + u64::try_from(samples).unwrap_or(u64::MAX).saturating_mul(SAMPLE_US);
        let after_mark = std::mem::take(&mut self.mark_was_last);
        self.ends_us = Some(ends_us);
        Placed {
            begins_us,
            ends_us,
            silent_us,
            after_mark,
        }
    }

    /// Queues a mark behind what is queued now.
    pub fn mark(&mut self, now_us: u64, name: String) {
        let due_us = self.ends_us.map_or(now_us, |end| end.max(now_us));
        self.mark_was_last = true;
        self.marks.push_back((due_us, name));
    }

    /// Forgets what was not heard yet.
    pub fn clear(&mut self, now_us: u64) -> Cleared {
        let dropped_us = self.ends_us.map_or(0, |end| end.saturating_sub(now_us));
        self.ends_us = self.ends_us.map(|end| end.min(now_us));
        self.mark_was_last = true;
        Cleared {
            dropped_us,
            marks: self.marks.drain(..).map(|(_, name)| name).collect(),
        }
    }

    /// The marks that have been reached.
    pub fn reached(&mut self, now_us: u64) -> Vec<String> {
        let due = self.marks.iter().take_while(|(due_us, _)| *due_us <= now_us).count();
        self.marks.drain(..due).map(|(_, name)| name).collect()
    }

    /// When the next mark will be reached.
    pub fn next_mark_us(&self) -> Option<u64> {
        self.marks.front().map(|(due_us, _)| *due_us)
    }

    /// When the queue runs out; `None` before anything was heard.
    pub const fn ends_us(&self) -> Option<u64> {
        self.ends_us
    }

    pub fn is_playing(&self, now_us: u64) -> bool {
        self.ends_us.is_some_and(|end| end > now_us)
    }
}

/// Whether the samples are whole 20 ms frames; others make Twilio's playback jitter.
pub const fn whole_frames(samples: usize) -> bool {
    samples > 0 && samples.is_multiple_of(FRAME_SAMPLES)
}

#[cfg(test)]
mod tests;
