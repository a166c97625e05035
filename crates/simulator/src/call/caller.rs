//! The person on the line: what is said, and when. Asked every 20 ms for the next frame; no clock inside.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use crate::audio::{FRAME_MS, FRAME_SAMPLES, MULAW_SILENCE, duration_ms, to_mulaw, voiced_span};

const FRAME_US: u64 = FRAME_MS * 1_000;
/// One who may speak first still gives the agent this long to begin.
const FIRST_PAUSE_US: u64 = 1_200_000;

/// Something to say, ready to be sent.
#[derive(Clone, Debug)]
pub struct Spoken {
    pub text: Arc<str>,
    /// The speech without the silence around it, filled up to whole frames.
    pub mulaw: Bytes,
}

impl Spoken {
    /// Of 8 kHz samples.
    pub fn new(text: impl Into<Arc<str>>, samples: &[i16]) -> Self {
        let (from, to) = voiced_span(samples).unwrap_or((0, samples.len()));
        let mut mulaw = to_mulaw(samples.get(from..to).unwrap_or_default());
        mulaw.resize(mulaw.len().next_multiple_of(FRAME_SAMPLES), MULAW_SILENCE);
        Self {
            text: text.into(),
            mulaw: mulaw.into(),
        }
    }

    pub fn duration_ms(&self) -> u64 {
        duration_ms(self.mulaw.len())
    }

    pub fn samples(&self) -> Vec<i16> {
        crate::audio::from_mulaw(&self.mulaw)
    }
}

/// One thing that the caller does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Waits until the agent has finished, then speaks.
    Say(Arc<Spoken>),
    /// Speaks when the agent has been speaking for so long, without letting it finish.
    BargeIn { what: Arc<Spoken>, after_ms: u64 },
    /// Waits until the agent has finished, then presses keys.
    Press(String),
    /// Stays silent after the agent has finished.
    Silence { ms: u64 },
}

/// How patient the caller is.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Quiet of the agent after which it is the caller's turn.
    pub pause_ms: u64,
    /// How long the caller waits for an answer before going on regardless.
    pub patience_ms: u64,
    /// How long the caller stays after the last answer, before hanging up; `None` waits for the server.
    pub linger_ms: Option<u64>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            pause_ms: 700,
            patience_ms: 15_000,
            linger_ms: Some(1_500),
        }
    }
}

/// What the caller hears of the agent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agent {
    /// When the present stretch of audible speech began, if one is running.
    pub speaking_since_us: Option<u64>,
    /// When the agent was last heard; `None` before its first word.
    pub last_heard_us: Option<u64>,
}

/// What happens in this frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    Silent,
    /// One frame of speech. The first and last frame of an utterance say so.
    Speaking {
        frame: Bytes,
        first: bool,
        last: bool,
        text: Arc<str>,
    },
    Pressing(char),
    HangUp,
}

#[derive(Debug)]
enum State {
    /// Since when it is the agent's turn, and whether it owes an answer; it owes none when a greeting was just played.
    Waiting {
        since_us: u64,
        owed: bool,
    },
    Speaking {
        what: Arc<Spoken>,
        at: usize,
    },
}

#[derive(Debug)]
pub struct Caller {
    steps: VecDeque<Step>,
    manners: Manners,
    state: State,
    pub barging_in: bool,
}

impl Caller {
    /// `greeted` when a greeting has been heard already, so that the caller may speak first.
    pub fn new(steps: VecDeque<Step>, manners: Manners, now_us: u64, greeted: bool) -> Self {
        Self {
            steps,
            manners,
            state: State::Waiting {
                since_us: now_us,
                owed: !greeted,
            },
            barging_in: false,
        }
    }

    /// What is left to do, for the next part of the call.
    pub fn into_steps(self) -> VecDeque<Step> {
        self.steps
    }

    /// Text of what is being said.
    pub fn saying(&self) -> Option<&str> {
        match &self.state {
            State::Speaking { what, .. } => Some(&what.text),
            State::Waiting { .. } => None,
        }
    }

    /// The next 20 ms.
    pub fn next(&mut self, now_us: u64, agent: Agent) -> Doing {
        if let State::Waiting { since_us, owed } = self.state
            && let Some(doing) = self.wait(now_us, since_us, owed, agent)
        {
            return doing;
        }
        self.speak(now_us)
    }

    /// `None` when it is time to speak.
    fn wait(&mut self, now_us: u64, since_us: u64, owed: bool, agent: Agent) -> Option<Doing> {
        let pause_us = match self.steps.front() {
            None => self.manners.linger_ms.map_or(u64::MAX, |ms| ms * 1_000),
            Some(Step::Silence { ms }) => ms * 1_000,
            Some(_) => self.manners.pause_ms * 1_000,
        };
        if let Some(Step::BargeIn { after_ms, .. }) = self.steps.front() {
            let due = agent
                .speaking_since_us
                .is_some_and(|since| now_us.saturating_sub(since) >= after_ms * 1_000);
            if !due && !self.is_impatient(now_us, since_us) {
                return Some(Doing::Silent);
            }
        } else if !my_turn(now_us, since_us, owed, agent, pause_us) && !self.is_impatient(now_us, since_us) {
            return Some(Doing::Silent);
        }
        match self.steps.pop_front() {
            None if self.manners.linger_ms.is_none() => Some(Doing::Silent),
            None => Some(Doing::HangUp),
            Some(Step::Silence { .. }) => {
                self.state = State::Waiting {
                    since_us: now_us,
                    owed: false,
                };
                Some(Doing::Silent)
            }
            Some(Step::Press(keys)) => {
                let mut left = keys.chars();
                let key = left.next();
                let last = left.as_str().is_empty();
                if last {
                    self.state = State::Waiting {
                        since_us: now_us,
                        owed: true,
                    };
                } else {
                    // The next key follows without waiting for an answer.
                    self.steps.push_front(Step::Press(left.as_str().to_owned()));
                }
                Some(key.map_or(Doing::Silent, Doing::Pressing))
            }
            Some(Step::Say(what)) => self.begin(what, false),
            Some(Step::BargeIn { what, .. }) => self.begin(what, true),
        }
    }

    fn begin(&mut self, what: Arc<Spoken>, barging_in: bool) -> Option<Doing> {
        self.barging_in = barging_in;
        self.state = State::Speaking { what, at: 0 };
        None
    }

    fn speak(&mut self, now_us: u64) -> Doing {
        let State::Speaking { what, at } = &mut self.state else {
            return Doing::Silent;
        };
        let from = *at;
        let to = (from + FRAME_SAMPLES).min(what.mulaw.len());
        let (first, last) = (from == 0, to == what.mulaw.len());
        let frame = what.mulaw.slice(from..to);
        *at = to;
        let text = Arc::clone(&what.text);
        if last {
            self.state = State::Waiting {
                since_us: now_us + FRAME_US,
                owed: true,
            };
        }
        Doing::Speaking {
            frame,
            first,
            last,
            text,
        }
    }

    fn is_impatient(&self, now_us: u64, since_us: u64) -> bool {
        now_us.saturating_sub(since_us) >= self.manners.patience_ms * 1_000
    }
}

/// Whether the agent has spoken since it was asked (if it owes that), and has been quiet for a while.
fn my_turn(now_us: u64, since_us: u64, owed: bool, agent: Agent, pause_us: u64) -> bool {
    let answered = agent.last_heard_us.filter(|heard| *heard > since_us);
    let quiet_since = if owed {
        answered
    } else {
        Some(answered.unwrap_or(since_us))
    };
    agent.speaking_since_us.is_none()
        && quiet_since.is_some_and(|quiet| {
            now_us.saturating_sub(quiet) >= pause_us.max(FIRST_PAUSE_US * u64::from(answered.is_none()))
        })
}

#[cfg(test)]
mod tests;
