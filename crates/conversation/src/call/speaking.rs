//! The agent's side: sentences go out, marks come back, and a turn is closed with what was really heard.

use contracts::{llm::Message, tts::Speech};

use super::{Call, Effect, Exit, Mark, Mind, Place, Speaker, SpeechId, mouth::Purpose, turn::Turn, waiting::Waiting};
use crate::sentences::{Fixed, Key};

impl Call {
    pub(super) fn say(&mut self, line: Speech, purpose: Purpose) {
        if purpose == Purpose::Answer {
            let now = self.now;
            self.open_turn().sentence(now);
        }
        self.quiet_since = None;
        let speech = self.mouth.say(line.text.clone(), purpose);
        self.out.push(Effect::Say { speech, line });
    }

    pub(super) fn say_fixed(&mut self, key: Key) {
        let line = self.config.voice.fixed(key);
        self.say(line, Purpose::Answer);
    }

    /// A greeting in the business's own words: engines that read it say it, the embedded voice says the fixed one.
    pub(super) fn greeting(&self, text: String) -> Speech {
        Speech {
            text,
            ..self.config.voice.fixed(Key::Greeting)
        }
    }

    /// That it is closed, and when it opens, in words.
    pub(super) fn say_closed(&mut self) {
        if self.config.opening.is_empty() {
            return;
        }
        self.say_fixed(Key::AfterHours);
        self.say_fixed(Key::OpenAgain);
        self.say_parts(self.config.opening.clone());
    }

    /// The words of a composed sentence, with its mark after the last one.
    pub(super) fn say_parts(&mut self, parts: Vec<Fixed>) {
        let count = parts.len();
        for (place, part) in (1..).zip(parts) {
            let mut line = self.config.voice.part(part);
            if place == count {
                line.text.push('.');
            }
            self.say(line, Purpose::Answer);
        }
    }

    /// The caller has heard it already; it is the first thing in the record.
    pub(super) fn greeting_was_played(&mut self, text: &str) {
        let until_ms = self.ears.at_ms();
        let turn = self.open_turn();
        turn.record.agent_from_ms = Some(0);
        turn.heard(text, until_ms);
    }

    pub(super) fn speech_started(&mut self, speech: SpeechId) {
        let Some((purpose, text)) = self.mouth.started(speech, self.now) else {
            return;
        };
        let text = text.to_owned();
        if purpose != Purpose::Filler {
            self.waiting = None;
        }
        if purpose == Purpose::Filler {
            return;
        }
        let (now, at_ms) = (self.now, self.ears.at_ms());
        let turn = self.open_turn();
        turn.audible(now, at_ms);
        let turn_id = turn.record.turn_id;
        self.out.push(Effect::Heard {
            turn_id,
            speaker: Speaker::Agent,
            text,
            is_final: false,
        });
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        match mark.place {
            Place::At(at_ms) => self.mouth.played(mark.speech, at_ms, self.now),
            Place::End => self.played_whole(mark.speech),
        }
    }

    pub(super) fn played_whole(&mut self, speech: SpeechId) {
        let at_ms = self.ears.at_ms();
        for heard in self.mouth.played_whole(speech, self.now) {
            if heard.purpose != Purpose::Filler {
                self.open_turn().heard(&heard.text, at_ms);
            }
        }
        if !self.mouth.busy() && self.generation.is_some() {
            self.waiting.get_or_insert(Waiting::since(self.now));
        }
    }

    /// No engine could say it. Free text may still be replaced by fixed sentences, which need no engine.
    pub(super) fn speech_failed(&mut self, speech: SpeechId) {
        let Some(failed) = self.mouth.failed(speech) else {
            return;
        };
        if self.farewell.is_some() || failed.purpose == Purpose::Filler {
            return;
        }
        if self.mind == Mind::Model {
            self.mouth_emptied();
            self.script_takes_over();
        } else if !self.mouth.busy() {
            self.leave(Exit::ToRecording);
        }
    }

    /// Takes back what waits to be spoken.
    fn mouth_emptied(&mut self) {
        if self.mouth.busy() {
            let cut = self.mouth.clear(self.now);
            self.out.push(Effect::Clear);
            let at_ms = self.ears.at_ms();
            self.open_turn().heard(&cut.heard, at_ms);
        }
    }

    /// The turn that is going on; a new one where there is none.
    pub(super) fn open_turn(&mut self) -> &mut Turn {
        let (last, first_message, mind) = (&mut self.last_turn, self.history.len(), self.mind);
        let turn = self.turn.get_or_insert_with(|| {
            *last += 1;
            Turn::new(*last, first_message)
        });
        turn.record.mind = mind;
        turn
    }

    /// Ends the turn and hands it over to be kept.
    pub(super) fn close_turn(&mut self) {
        let Some(turn) = self.turn.take() else { return };
        self.answering = None;
        self.script_before = None;
        if turn.is_empty() {
            self.last_turn -= 1;
            return;
        }
        if !turn.record.interrupted && turn.record.caller_from_ms.is_some() {
            self.end_of_turn.confirmed();
        }
        self.wants_callback |= turn.promised && !turn.record.agent_text.is_empty();
        self.remember(&turn);
        if !turn.record.agent_text.is_empty() {
            self.out.push(Effect::Heard {
                turn_id: turn.record.turn_id,
                speaker: Speaker::Agent,
                text: turn.record.agent_text.clone(),
                is_final: true,
            });
        }
        self.out.push(Effect::SaveTurn(turn.record));
    }

    /// Puts what was heard of the answer into the conversation, instead of what was written.
    fn remember(&mut self, turn: &Turn) {
        for message in self.history.iter_mut().skip(turn.first_message) {
            if let Message::Assistant { text, .. } = message {
                text.clear();
            }
        }
        if !turn.record.agent_text.is_empty() {
            self.history.push(Message::Assistant {
                text: turn.record.agent_text.clone(),
                tool_calls: Vec::new(),
            });
        }
        if turn.record.interrupted {
            self.history.push(Message::System(
                "The caller interrupted you; of your answer only the words above were heard.".to_owned(),
            ));
        }
        self.forget();
    }

    /// Keeps the conversation to a length; it always begins with something the caller said.
    fn forget(&mut self) {
        let most = self.config.limits.history;
        if self.history.len() <= most {
            return;
        }
        let least = self.history.len() - most;
        let cut = self
            .history
            .iter()
            .enumerate()
            .skip(least)
            .find(|(_, message)| matches!(message, Message::User(_)))
            .map_or(self.history.len(), |(at, _)| at);
        self.history.drain(..cut);
    }
}
