//! The caller's side: frames, interruptions, the end of a turn, recognition, digits.

use contracts::llm::Message;

use super::{Call, Effect, Frame, Heard, Mind, Speaker, UtteranceId, mouth::Purpose, number, waiting::Waiting, words};
use crate::{
    script::{Answer, Step},
    sentences::Key,
};

/// Audio after the last voice that goes to the recogniser, so that no word is clipped.
const TAIL_MS: u64 = 200;
/// Texts in a row that nobody could use, before the script takes over.
const MOST_UNCLEAR: u32 = 3;
/// Recognitions in a row that failed, before the script takes over.
const MOST_DEAF: u32 = 2;
/// Digits of one number.
const MOST_DIGITS: usize = 20;

impl Call {
    pub(super) fn hear(&mut self, frame: Frame) {
        self.last_frame = self.now;
        self.ears.frame(frame);
        if self.farewell.is_some() {
            return;
        }
        if let Some(pause_ms) = self.ears.take_pause() {
            self.end_of_turn.paused(pause_ms);
        }
        let voiced_ms = self.ears.run_voiced_ms();
        if voiced_ms == self.config.timing.barge_in_ms.next_multiple_of(super::FRAME_MS) {
            self.caller_speaks();
        }
        if let Some((stretch, silence_ms)) = self.ears.open() {
            let heard = Heard {
                voiced_ms: stretch.voiced_ms,
                text: None,
                dictation: self.dictating(),
            };
            if self.ears.too_long() || silence_ms >= self.end_of_turn.wait_ms(heard) {
                self.utterance_over(silence_ms);
            }
        }
    }

    /// The script keeps answers as audio: nobody understands them now.
    fn dictating(&self) -> bool {
        !self.config.engines.recogniser && matches!(self.script.step(), Step::Need | Step::Callback)
    }

    /// Enough voice to be meant: whatever the agent says or prepares is out of date.
    fn caller_speaks(&mut self) {
        self.quiet_since = None;
        self.asked_again = 0;
        let resumed_ms = self.config.timing.resumed_ms;
        let cut_short = self
            .last_end_of_turn
            .take()
            .is_some_and(|at| self.now.saturating_sub(at) <= resumed_ms && !self.mouth.audible());
        if cut_short {
            self.end_of_turn.cut_short();
        }
        if self.mouth.busy() || self.generation.is_some() {
            self.interrupt();
        }
    }

    /// Stops the agent. What was not heard of its answer was never said.
    pub(super) fn interrupt(&mut self) {
        let thinking = self.cancel_thinking();
        let speaking = self.mouth.busy();
        let cut = self.mouth.clear(self.now);
        if speaking {
            self.out.push(Effect::Clear);
        }
        self.waiting = None;
        let at_ms = self.ears.at_ms();
        let Some(turn) = &mut self.turn else { return };
        if !cut.heard.is_empty() {
            turn.heard(&cut.heard, at_ms);
        }
        if turn.record.agent_text.is_empty() {
            self.nothing_was_heard();
        } else {
            turn.record.interrupted |= thinking || !cut.unheard.is_empty();
            self.remainder = (!cut.unheard.is_empty() && !thinking).then_some(cut.unheard);
            self.close_turn();
        }
    }

    /// The answer was stopped before its first word: the question is open again.
    fn nothing_was_heard(&mut self) {
        if let Some(text) = self.answering.take() {
            let later = self.unanswered.take().unwrap_or_default();
            self.unanswered = Some(format!("{text} {later}").trim().to_owned());
        }
        if let Some(script) = self.script_before.take() {
            self.script = script;
        }
    }

    fn utterance_over(&mut self, silence_ms: u64) {
        let Some(stretch) = self.ears.close() else { return };
        // Voice under the agent's that was too short to interrupt: «mm», a cough, an echo.
        if self.mouth.busy() {
            return;
        }
        self.spoke = true;
        self.quiet_since = None;
        self.asked_again = 0;
        self.last_end_of_turn = Some(self.now);
        let (from_ms, to_ms) = (stretch.from_ms, stretch.voice_to_ms);
        let now = self.now;
        self.close_answered_turn();
        self.open_turn().caller_spoke(from_ms, to_ms, now, silence_ms);
        self.wait_for_answer();
        if !self.config.engines.recogniser {
            self.answered_by_audio();
            return;
        }
        self.last_utterance += 1;
        self.recognising.push_back(self.last_utterance);
        self.out.push(Effect::Recognise {
            utterance: self.last_utterance,
            from_ms,
            to_ms: (to_ms + TAIL_MS).min(self.ears.at_ms()),
        });
    }

    /// What is said after an answer begins an exchange of its own.
    fn close_answered_turn(&mut self) {
        let answered = |turn: &super::Turn| !turn.record.agent_text.is_empty();
        if self.turn.as_ref().is_some_and(answered) && self.generation.is_none() && !self.mouth.busy() {
            self.close_turn();
        }
    }

    fn wait_for_answer(&mut self) {
        self.waiting = Some(Waiting::since(self.now));
    }

    fn no_longer_recognising(&mut self, utterance: UtteranceId) -> bool {
        let Some(at) = self.recognising.iter().position(|pending| *pending == utterance) else {
            return false;
        };
        self.recognising.remove(at);
        self.sign_of_engine();
        true
    }

    pub(super) fn recognised(&mut self, utterance: UtteranceId, text: &str) {
        if self.farewell.is_some() || !self.no_longer_recognising(utterance) {
            return;
        }
        self.deaf = 0;
        let text = text.trim();
        if !text.chars().any(char::is_alphanumeric) {
            self.nothing_understood();
            return;
        }
        if self.remainder.is_some() && words::is_backchannel(text) {
            let now = self.now;
            self.open_turn().text(text, now);
            self.resume();
            return;
        }
        self.unclear = 0;
        self.caller_said(text);
        if words::asks_for_person(text) {
            self.person_requested(text);
        }
    }

    /// Takes the caller's words, spoken or keyed.
    fn caller_said(&mut self, text: &str) {
        self.remainder = None;
        let now = self.now;
        let turn = self.open_turn();
        turn.text(text, now);
        let turn_id = turn.record.turn_id;
        self.out.push(Effect::Heard {
            turn_id,
            speaker: Speaker::Caller,
            text: text.to_owned(),
            is_final: true,
        });
        self.history.push(Message::User(text.to_owned()));
        self.callback_heard(text);
        super::mouth::append(self.unanswered.get_or_insert_default(), text);
    }

    /// The interruption was a cough: the agent goes on where it was cut.
    fn resume(&mut self) {
        let Some(rest) = self.remainder.take() else { return };
        let line = self.config.voice.free(rest);
        self.say(line, Purpose::Answer);
    }

    fn nothing_understood(&mut self) {
        if self.unanswered.is_some() || !self.recognising.is_empty() || self.caller_is_speaking() {
            return;
        }
        if self.remainder.is_some() {
            // It was a noise, and nobody has to listen to it.
            self.open_turn().caller_was_silent();
            self.resume();
            return;
        }
        self.unclear += 1;
        if self.unclear < MOST_UNCLEAR {
            let key = if self.unclear == 1 {
                Key::DidNotHear
            } else {
                Key::EmptyTranscript
            };
            self.say_fixed(key);
        } else if self.mind == Mind::Model {
            self.script_takes_over();
        } else {
            self.answered_by_audio();
        }
    }

    pub(super) fn not_recognised(&mut self, utterance: UtteranceId) {
        if self.farewell.is_some() || !self.no_longer_recognising(utterance) {
            return;
        }
        self.deaf += 1;
        if self.unanswered.is_some() || !self.recognising.is_empty() || self.caller_is_speaking() {
            return;
        }
        match self.mind {
            Mind::Script => self.answered_by_audio(),
            Mind::Model if self.deaf >= MOST_DEAF => self.script_takes_over(),
            Mind::Model => self.say_fixed(Key::DidNotHear),
        }
    }

    /// The answer is in the recording only.
    pub(super) fn answered_by_audio(&mut self) {
        self.unclear = 0;
        let reply = self.script.answer(Answer::Audio);
        self.follow(reply);
    }

    pub(super) fn digit(&mut self, digit: char) {
        if self.farewell.is_some() || !matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            return;
        }
        self.quiet_since = None;
        self.asked_again = 0;
        match digit {
            '0' if self.digits.is_empty() && !self.number.expects_digits() => {
                if self.mouth.busy() || self.generation.is_some() {
                    self.interrupt();
                }
                self.open_turn();
                self.person_requested("0");
            }
            '*' if self.ears.open().is_some() => self.utterance_over(0),
            '*' => self.digits.clear(),
            '#' => self.digits_over(),
            digit => {
                if self.mouth.busy() || self.generation.is_some() {
                    self.interrupt();
                }
                if self.digits.len() < MOST_DIGITS {
                    self.digits.push(digit);
                }
                self.digits_at = self.now;
            }
        }
    }

    /// The keyed number is complete.
    pub(super) fn digits_over(&mut self) {
        if self.digits.is_empty() {
            return;
        }
        let digits = std::mem::take(&mut self.digits);
        let (now, at_ms) = (self.now, self.ears.at_ms());
        self.close_answered_turn();
        self.open_turn().caller_spoke(at_ms, at_ms, now, 0);
        self.spoke = true;
        self.wait_for_answer();
        self.caller_said(&digits);
    }

    /// More is on its way: what is said now would be said over the caller.
    fn caller_is_speaking(&self) -> bool {
        let least_ms = self.config.timing.barge_in_ms;
        self.ears
            .open()
            .is_some_and(|(stretch, _)| stretch.voiced_ms >= least_ms)
    }

    /// Answers what the caller said, once nothing more of it is on its way.
    pub(super) fn answer_when_ready(&mut self) {
        let busy = !self.recognising.is_empty() || self.generation.is_some() || !self.digits.is_empty();
        if busy || self.caller_is_speaking() || self.farewell.is_some() || self.mouth.waits_with(Purpose::Answer) {
            return;
        }
        let Some(text) = self.unanswered.take() else { return };
        self.answering = Some(text.clone());
        self.script_before = Some(self.script.clone());
        if self.config.caller.hidden && self.number != number::State::Settled && self.number_said(&text) {
            return;
        }
        match self.mind {
            Mind::Model => self.think(),
            Mind::Script => {
                let reply = self.script.answer(Answer::Text(&text));
                self.follow(reply);
            }
        }
    }
}
