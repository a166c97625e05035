//! How the agent leaves a call: a last sentence, a person, a command.

use contracts::llm::Message;

use super::{Call, Command, Effect, Exit, Leaving, Mind, Ms, Transfer, mouth::Purpose};
use crate::{sentences::Key, tools::Tool};

/// The call ends when these last words were heard.
#[derive(Debug)]
pub struct Farewell {
    exit: Exit,
    by: Ms,
}

/// Longest reason that goes with a transfer, in characters.
const REASON_CHARS: usize = 200;
/// Words before a person takes over may take this long.
const TAKE_OVER_MS: Ms = 3_000;
/// Longest whisper, in characters.
const WHISPER_CHARS: usize = 1_000;

impl Call {
    /// Says the last words, and leaves when they were heard.
    pub(super) fn farewell(&mut self, exit: Exit, words: &[Key]) {
        if self.farewell.is_some() {
            return;
        }
        self.cancel_thinking();
        self.unanswered = None;
        self.remainder = None;
        self.recognising.clear();
        self.digits.clear();
        for key in words {
            let line = self.config.voice.fixed(*key);
            let now = self.now;
            self.open_turn().sentence(now);
            self.say(line, Purpose::Farewell);
        }
        self.farewell = Some(Farewell {
            exit,
            by: self.now + self.config.timing.farewell_ms,
        });
    }

    fn hurry(&mut self, most_ms: Ms) {
        if let Some(farewell) = &mut self.farewell {
            farewell.by = farewell.by.min(self.now + most_ms);
        }
    }

    pub(super) fn farewell_due(&mut self) {
        if let Some(speech) = self.mouth.overdue(self.now) {
            self.played_whole(speech);
        }
        let due = self
            .farewell
            .as_ref()
            .is_some_and(|farewell| !self.mouth.busy() || self.now >= farewell.by);
        if due && let Some(farewell) = self.farewell.take() {
            self.leave(farewell.exit);
        }
    }

    /// Ends the agent's part, whatever is going on.
    pub(super) fn leave(&mut self, how: Exit) {
        if self.over {
            return;
        }
        self.wants_callback |= self.script.has_audio();
        self.stop_speaking(&how);
        self.close_turn();
        self.over = true;
        let transferred = matches!(how, Exit::Transfer { .. } | Exit::TakenOver);
        self.out.push(Effect::Leave(Leaving {
            wants_person: self.wants_person && !transferred,
            wants_callback: self.wants_callback,
            spoke: self.spoke,
            how,
        }));
    }

    fn stop_speaking(&mut self, how: &Exit) {
        self.cancel_thinking();
        if !self.mouth.busy() {
            return;
        }
        let cut = self.mouth.clear(self.now);
        if *how != Exit::HungUp {
            self.out.push(Effect::Clear);
        }
        let at_ms = self.ears.at_ms();
        if let Some(turn) = &mut self.turn {
            if !cut.heard.is_empty() {
                turn.heard(&cut.heard, at_ms);
            }
            turn.record.interrupted |= !cut.unheard.is_empty() && !turn.record.agent_text.is_empty();
        }
    }

    /// The caller asks for a person, in words or with a zero.
    pub(super) fn person_requested(&mut self, reason: &str) {
        self.wants_person = true;
        self.unanswered = None;
        match self.config.transfer {
            Transfer::Possible => {
                let reason: String = reason.chars().take(REASON_CHARS).collect();
                self.run_own_tool(&Tool::TransferToPerson { reason: reason.clone() });
                self.farewell(Exit::Transfer { reason }, &[Key::Transferring]);
            }
            Transfer::Impossible => self.nobody_is_there(),
        }
    }

    fn nobody_is_there(&mut self) {
        self.wants_callback = true;
        self.say_fixed(Key::NobodyAvailable);
        match self.mind {
            Mind::Model => self.history.push(Message::System(
                "The caller asked for a person and was told that nobody is free now. Take name and need, and promise a call back.".to_owned(),
            )),
            Mind::Script => {
                if let Some(question) = self.script.question() {
                    self.say_fixed(question);
                }
            }
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::HangUp => {
                if self.mouth.busy() {
                    self.interrupt();
                }
                self.leave(Exit::HungUp);
            }
            Command::TakeOver => {
                self.interrupt();
                self.farewell = None;
                self.farewell(Exit::TakenOver, &[Key::Transferring]);
                // The person is on the line already: a long farewell keeps both waiting.
                self.hurry(TAKE_OVER_MS);
            }
            Command::Whisper(text) => self.whisper(&text),
        }
    }

    fn whisper(&mut self, text: &str) {
        let text: String = text.chars().take(WHISPER_CHARS).collect();
        if text.trim().is_empty() {
            return;
        }
        self.history.push(Message::System(format!(
            "A person of the business whispers to you, unheard by the caller. Do as they say: {text}"
        )));
        if self.mind == Mind::Model && self.begun && self.farewell.is_none() && self.is_idle() {
            self.think();
        }
    }
}
