//! What both sides of a call sounded like, by the time since the call began.

use crate::audio::{RATE_HZ, mono, samples_in, stereo};

/// Longer calls are not kept: 30 minutes.
const LONGEST: usize = 30 * 60 * 8_000;

#[derive(Debug, Default)]
pub struct Tape {
    caller: Vec<i16>,
    agent: Vec<i16>,
    /// Calls under load keep nothing.
    keep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Caller,
    Agent,
}

impl Tape {
    pub fn new(keep: bool) -> Self {
        Self {
            keep,
            ..Self::default()
        }
    }

    pub const fn is_kept(&self) -> bool {
        self.keep
    }

    /// Puts samples where they were heard.
    pub fn put(&mut self, side: Side, at_us: u64, samples: &[i16]) {
        let from = samples_in(at_us / 1_000);
        let to = from.saturating_add(samples.len());
        if !self.keep || to > LONGEST {
            return;
        }
        let track = self.track(side);
        if track.len() < to {
            track.resize(to, 0);
        }
        if let Some(place) = track.get_mut(from..to) {
            place.copy_from_slice(samples);
        }
    }

    /// What was to be heard from here on was dropped.
    pub fn cut(&mut self, side: Side, at_us: u64) {
        self.track(side).truncate(samples_in(at_us / 1_000));
    }

    const fn track(&mut self, side: Side) -> &mut Vec<i16> {
        match side {
            Side::Caller => &mut self.caller,
            Side::Agent => &mut self.agent,
        }
    }

    /// The agent alone, as WAV.
    pub fn agent_wav(&self) -> anyhow::Result<Vec<u8>> {
        mono(&self.agent, RATE_HZ)
    }

    /// The caller left, the agent right.
    pub fn call_wav(&self) -> anyhow::Result<Vec<u8>> {
        stereo(&self.caller, &self.agent, RATE_HZ)
    }
}
