//! Listens to the agent while the call runs: when it speaks, how loud, with which holes, and what each answer took.

use std::collections::VecDeque;

use super::{Clear, Gap, StreamReport, Turn};
use crate::{
    audio::{FRAME_SAMPLES, duration_ms, is_audible, to_f64, to_ms},
    call::{
        Agent,
        player::{Cleared, Placed, whole_frames},
    },
};

/// Silence that belongs to speech: between words and sentences.
const BREATH_US: u64 = 500_000;
const GAP_US: u64 = 60_000;
/// Longer silences are not holes in one answer but the time between two.
const ANSWER_OVER_US: u64 = 2_000_000;
const MOST_GAPS: usize = 200;
const SAMPLE_US: u64 = 125;

#[derive(Debug, Default)]
pub struct Ears {
    opened_us: u64,
    voice_window_ms: u64,
    silence_window_ms: u64,
    /// Stretches of audible speech that begin or end in the future or the near past.
    speech: VecDeque<(u64, u64)>,
    last_heard_us: Option<u64>,
    caller_speaks: bool,
    level: Level,
    turn_level: Level,
    pub report: StreamReport,
}

/// A running mean of squares.
#[derive(Debug, Default)]
struct Level {
    squares: f64,
    samples: usize,
}

impl Level {
    fn add(&mut self, samples: &[i16]) {
        self.squares += samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>();
        self.samples += samples.len();
    }

    fn dbfs(&self) -> f64 {
        if self.samples == 0 {
            return -96.0;
        }
        let rms = (self.squares / to_f64(self.samples)).sqrt() / f64::from(i16::MAX);
        (20.0 * rms.log10()).max(-96.0)
    }
}

impl Ears {
    pub fn new(opened_us: u64, voice_window_ms: u64, silence_window_ms: u64) -> Self {
        Self {
            opened_us,
            voice_window_ms,
            silence_window_ms,
            ..Self::default()
        }
    }

    /// What the caller hears now.
    pub fn agent(&mut self, now_us: u64) -> Agent {
        while let Some((_, to)) = self.speech.front().copied().filter(|(_, to)| *to <= now_us) {
            self.last_heard_us = Some(to);
            // Kept while more may join it.
            if to + BREATH_US > now_us && self.speech.len() == 1 {
                break;
            }
            self.speech.pop_front();
        }
        let current = self
            .speech
            .front()
            .copied()
            .filter(|(from, to)| (*from..*to).contains(&now_us));
        Agent {
            speaking_since_us: current.map(|(from, _)| from),
            last_heard_us: current.map(|_| now_us).or(self.last_heard_us),
        }
    }

    /// A piece of the agent's audio was queued.
    pub fn media(&mut self, now_us: u64, samples: &[i16], placed: Placed) {
        self.report.media_messages += 1;
        self.report.received_ms += duration_ms(samples.len());
        self.report.partial_frames += u64::from(!whole_frames(samples.len()));
        self.silence_before(placed);
        self.first_media(now_us);
        for (n, frame) in (0u64..).zip(samples.chunks(FRAME_SAMPLES)) {
            if is_audible(frame) {
                let from_us = placed.begins_us + n * 20_000;
                let to_us = from_us + u64::try_from(frame.len()).unwrap_or(0) * SAMPLE_US;
                self.audible(from_us, to_us, frame);
            }
        }
    }

    fn silence_before(&mut self, placed: Placed) {
        let Some(silent_us) = placed.silent_us.filter(|silent| *silent < ANSWER_OVER_US) else {
            return;
        };
        if self.caller_speaks {
            return;
        }
        self.report.underruns += u64::from(silent_us >= 1_000 && !placed.after_mark);
        if silent_us > GAP_US {
            self.report.gaps_over_60_ms += u64::from(!placed.after_mark);
            if self.report.gaps.len() < MOST_GAPS {
                self.report.gaps.push(Gap {
                    at_ms: (placed.begins_us - silent_us) / 1_000,
                    silent_ms: to_ms(silent_us),
                    after_mark: placed.after_mark,
                });
            }
        }
    }

    fn first_media(&mut self, now_us: u64) {
        if self.caller_speaks {
            return;
        }
        if let Some(turn) = self.report.turns.last_mut() {
            let after_ms = to_ms(now_us) - turn.voice_to_ms;
            turn.first_media_after_ms.get_or_insert(after_ms);
        }
    }

    fn audible(&mut self, from_us: u64, to_us: u64, frame: &[i16]) {
        self.level.add(frame);
        self.turn_level.add(frame);
        self.report
            .first_heard_ms
            .get_or_insert(to_ms(from_us.saturating_sub(self.opened_us)));
        match self.speech.back_mut() {
            Some((_, end)) if from_us <= *end + BREATH_US => *end = to_us,
            _ => self.speech.push_back((from_us, to_us)),
        }
        if self.caller_speaks {
            return;
        }
        let silence_window_ms = self.silence_window_ms;
        if let Some(turn) = self.report.turns.last_mut() {
            turn.agent_speech_ms += 20;
            if turn.answer_after_ms.is_none() {
                let after_ms = to_ms(from_us) - turn.voice_to_ms;
                turn.answer_after_ms = Some(after_ms);
                turn.own_share_ms = Some(after_ms - to_ms(silence_window_ms * 1_000)).filter(|_| silence_window_ms > 0);
            }
        }
    }

    /// The caller begins to speak.
    pub fn voice_begins(&mut self, at_us: u64, said: &str, barge_in: bool) {
        self.end_turn();
        self.caller_speaks = true;
        self.report.turns.push(Turn {
            n: self.report.turns.len() + 1,
            said: said.to_owned(),
            barge_in,
            voice_from_ms: to_ms(at_us),
            ..Turn::default()
        });
    }

    /// The last frame of the caller's voice has been sent.
    pub fn voice_ends(&mut self, at_us: u64) {
        self.caller_speaks = false;
        let speaking = self.agent(at_us).speaking_since_us.is_some();
        if let Some(turn) = self.report.turns.last_mut() {
            turn.voice_to_ms = to_ms(at_us);
            turn.overlapped = speaking;
        }
    }

    pub fn cleared(&mut self, at_us: u64, cleared: &Cleared) {
        self.report.clears += 1;
        self.report.dropped_ms += to_ms(cleared.dropped_us);
        self.speech.retain(|(from, _)| *from < at_us);
        if let Some((_, to)) = self.speech.back_mut() {
            *to = (*to).min(at_us);
        }
        let window_ms = to_ms(self.voice_window_ms * 1_000);
        if let Some(turn) = self.report.turns.last_mut().filter(|turn| turn.clear.is_none()) {
            let after_voice_ms = to_ms(at_us) - turn.voice_from_ms;
            turn.clear = Some(Clear {
                at_ms: to_ms(at_us),
                after_voice_ms,
                after_window_ms: after_voice_ms - window_ms,
                dropped_ms: to_ms(cleared.dropped_us),
                marks_returned: cleared.marks.len(),
            });
        }
    }

    fn end_turn(&mut self) {
        let level = std::mem::take(&mut self.turn_level).dbfs();
        if let Some(turn) = self.report.turns.last_mut() {
            turn.agent_level_dbfs = level;
        }
    }

    pub fn finish(mut self) -> StreamReport {
        self.end_turn();
        self.report.level_dbfs = self.level.dbfs();
        self.report
    }
}

#[cfg(test)]
mod tests;
