//! A caller without a number: it is asked for, read back digit by digit, and linked only after a yes.

use contracts::llm::Message;
use kernel::{Phone, Pii};

use super::{Call, Effect, Mind, words};
use crate::sentences::{self, Key};

/// How far the number has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked yet.
    #[default]
    Open,
    Asked,
    /// Read back, and waiting for a yes.
    ReadBack(Phone),
    /// Linked, or given up.
    Settled,
}

impl State {
    /// A zero now belongs to a number.
    pub const fn expects_digits(&self) -> bool {
        matches!(self, Self::Asked | Self::ReadBack(_))
    }
}

/// Attempts before the call goes on without a number.
const MOST_TRIES: u32 = 3;

impl Call {
    pub(super) fn number_asked(&mut self) {
        self.number = State::Asked;
    }

    /// Whether what was said belonged to the number.
    pub(super) fn number_said(&mut self, text: &str) -> bool {
        match self.number.clone() {
            State::ReadBack(phone) => self.read_back_answered(phone, text),
            State::Open | State::Asked => match phone_in(text) {
                Some(phone) => self.read_back(phone),
                None if self.number == State::Asked && self.mind == Mind::Script => self.number_unclear(),
                None => return false,
            },
            State::Settled => return false,
        }
        true
    }

    fn read_back(&mut self, phone: Phone) {
        self.say_fixed(Key::ReadBack);
        self.say_parts(sentences::digits(&national(&phone), self.config.voice.gender));
        self.say_fixed(Key::ConfirmNumber);
        self.number = State::ReadBack(phone);
    }

    fn read_back_answered(&mut self, phone: Phone, text: &str) {
        match (words::consent(text), phone_in(text)) {
            (_, Some(other)) if other != phone => self.read_back(other),
            (words::Consent::Yes, _) => self.number_confirmed(phone),
            (words::Consent::No, _) => self.number_unclear(),
            (words::Consent::Unclear, _) => {
                self.unclear += 1;
                if self.unclear < MOST_TRIES {
                    self.say_fixed(Key::ConfirmNumber);
                } else {
                    self.go_on_without_number();
                }
            }
        }
    }

    fn number_confirmed(&mut self, phone: Phone) {
        self.unclear = 0;
        self.number = State::Settled;
        self.script.number_is_settled();
        self.out.push(Effect::LinkCaller(Pii::new(phone)));
        match self.mind {
            Mind::Script => {
                self.say_fixed(Key::AllRight);
                let reply = self.script.begin();
                self.follow(reply);
            }
            Mind::Model => {
                self.history.push(Message::System(
                    "The caller's number was read back, confirmed and saved. Go on with the conversation.".to_owned(),
                ));
                self.think();
            }
        }
    }

    fn number_unclear(&mut self) {
        self.unclear += 1;
        if self.unclear < MOST_TRIES {
            self.number = State::Asked;
            self.say_fixed(Key::NumberUnclear);
        } else {
            self.go_on_without_number();
        }
    }

    fn go_on_without_number(&mut self) {
        self.unclear = 0;
        self.number = State::Settled;
        self.script.number_is_settled();
        match self.mind {
            Mind::Script => {
                let reply = self.script.begin();
                self.follow(reply);
            }
            Mind::Model => {
                self.history.push(Message::System(
                    "No number could be taken from the caller. Go on without it.".to_owned(),
                ));
                self.think();
            }
        }
    }
}

/// A whole number in what was said: with a trunk zero or a country code, nine digits or more.
fn phone_in(text: &str) -> Option<Phone> {
    let digits = words::digits(text);
    let bare = digits.trim_start_matches('+');
    let whole = (9..=15).contains(&bare.len());
    let begins = bare.starts_with('0') || bare.starts_with("972") || digits.starts_with('+');
    (whole && begins).then(|| Phone::parse(&digits).ok()).flatten()
}

/// As people here read it: with a zero instead of the country code.
fn national(phone: &Phone) -> String {
    match phone.as_str().strip_prefix("+972") {
        Some(rest) => format!("0{rest}"),
        None => phone.as_str().to_owned(),
    }
}
