//! What happens because time passes: fillers, engines given up, the watchdog, silence, limits, dead lines.

use super::{Call, Exit, Mind, Ms, mouth::Purpose};
use crate::{script::Step, sentences::Key, tools};

/// The caller waits for the first word of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    pub since: Ms,
    /// The last sign of life of an engine.
    pub sign_at: Ms,
}

impl Waiting {
    pub const fn since(now: Ms) -> Self {
        Self {
            since: now,
            sign_at: now,
        }
    }
}

/// Fillers in one turn, and the wait for the second.
const MOST_FILLERS: u32 = 2;
const SECOND_FILLER_MS: Ms = 5_000;
/// Times that a silent caller is asked again.
const MOST_REPROMPTS: u32 = 2;

impl Call {
    pub(super) fn sign_of_engine(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            waiting.sign_at = self.now;
        }
    }

    /// Runs after every input: whatever is due now.
    pub(super) fn settle(&mut self) {
        if self.over {
            return;
        }
        if self.begun {
            self.watch_the_line();
        }
        if self.farewell.is_some() {
            self.farewell_due();
            return;
        }
        if let Some(speech) = self.mouth.overdue(self.now) {
            self.played_whole(speech);
        }
        if !self.digits.is_empty() && self.now >= self.digits_at + self.config.timing.digits_ms {
            self.digits_over();
        }
        self.answer_when_ready();
        if self.waiting.is_some() {
            self.mind_the_wait();
        }
        if !self.over && self.farewell.is_none() {
            self.mind_the_silence();
        }
    }

    fn watch_the_line(&mut self) {
        if self.now.saturating_sub(self.last_frame) >= self.config.timing.dead_line_ms {
            self.leave(Exit::HungUp);
        } else if self.now >= self.config.limits.call_ms && self.farewell.is_none() {
            self.interrupt();
            self.wants_callback = true;
            self.farewell(Exit::Over, &[Key::GoodbyeLongCall]);
        }
    }

    fn mind_the_wait(&mut self) {
        let Some(waiting) = self.waiting else { return };
        // The caller goes on speaking, so nobody waits.
        if self.ears.run_voiced_ms() >= self.config.timing.barge_in_ms {
            self.waiting = Some(Waiting::since(self.now));
            return;
        }
        let timing = self.config.timing;
        let (waited_ms, without_sign_ms) = (
            self.now.saturating_sub(waiting.since),
            self.now.saturating_sub(waiting.sign_at),
        );
        if without_sign_ms >= timing.watchdog_ms || waited_ms >= timing.patience_ms {
            self.leave(Exit::ToRecording);
        } else if without_sign_ms >= timing.engine_ms {
            self.give_up_engine();
        } else {
            self.fill(waited_ms);
        }
    }

    /// The engine that is waited for has gone quiet.
    fn give_up_engine(&mut self) {
        if let Some(utterance) = self.recognising.front().copied() {
            self.not_recognised(utterance);
        } else if self.generation.as_ref().is_some_and(super::Generation::runs_tools) {
            self.give_up_tools();
        } else if self.generation.is_some() && !self.mouth.waits_with(Purpose::Answer) {
            self.cancel_thinking();
            self.script_takes_over();
        }
    }

    /// «One moment», so that the caller is not left in silence.
    fn fill(&mut self, waited_ms: Ms) {
        let busy = self.generation.is_some() || !self.recognising.is_empty();
        if !busy || self.mouth.busy() {
            return;
        }
        let tool = self.generation.as_ref().and_then(super::Generation::running_tool);
        let key = match tool {
            Some(tools::SAVE_CONTACT | tools::CREATE_TASK) => Key::FillerNoting,
            Some(_) => Key::FillerChecking,
            None => Key::FillerMoment,
        };
        let first_ms = self.config.timing.filler_ms;
        let Some(turn) = &mut self.turn else { return };
        let due_ms = first_ms + Ms::from(turn.fillers) * SECOND_FILLER_MS;
        if turn.fillers >= MOST_FILLERS || waited_ms < due_ms {
            return;
        }
        let key = if turn.fillers == 0 { key } else { Key::FillerPatience };
        turn.fillers += 1;
        let line = self.config.voice.fixed(key);
        self.say(line, Purpose::Filler);
    }

    /// Nothing is going on: neither side speaks, and no engine works.
    pub(super) fn is_idle(&self) -> bool {
        !self.mouth.busy()
            && self.generation.is_none()
            && self.recognising.is_empty()
            && self.unanswered.is_none()
            && self.digits.is_empty()
            && self.ears.open().is_none()
    }

    fn mind_the_silence(&mut self) {
        if !self.begun || !self.is_idle() {
            self.quiet_since = None;
            return;
        }
        self.waiting = None;
        self.close_turn();
        let since = *self.quiet_since.get_or_insert(self.now);
        if self.now.saturating_sub(since) < self.config.timing.silence_ms {
            return;
        }
        self.asked_again += 1;
        if self.asked_again > MOST_REPROMPTS {
            self.farewell(Exit::Over, &[Key::GoodbyeSilence]);
        } else {
            self.ask_again();
        }
    }

    fn ask_again(&mut self) {
        let first = self.asked_again == 1;
        match self.mind {
            Mind::Model => self.say_fixed(if first { Key::RepromptFirst } else { Key::RepromptSecond }),
            Mind::Script => {
                let question = self.script.question();
                let lead = if first && self.script.step() == Step::Need {
                    Key::RepromptFirst
                } else {
                    Key::RepromptSecond
                };
                self.say_fixed(lead);
                if let Some(question) = question.filter(|_| lead == Key::RepromptSecond) {
                    self.say_fixed(question);
                }
            }
        }
    }
}
