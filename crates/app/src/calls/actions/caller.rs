//! Who calls, as far as the numbers of a webhook say.

use kernel::{Phone, hidden_caller};

use super::Announced;
use crate::calls::{directory::VoiceBusiness, model::Direction};

/// Whose voice it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Hidden,
    /// Someone of the business itself.
    OwnPeople,
    Someone(Phone),
}

impl Caller {
    /// The number of someone who may be a customer.
    pub(super) const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Someone(phone) => Some(phone),
            Self::Hidden | Self::OwnPeople => None,
        }
    }

    /// Reads what stands in `From`. A business's own number and the forwarding number say nothing about the caller.
    pub(super) fn read(business: &VoiceBusiness, from: &str, forwarded_from: Option<&str>) -> Self {
        if hidden_caller(from) || forwarded_from.is_some_and(|forwarder| forwarder == from) {
            return Self::Hidden;
        }
        match Phone::parse(from) {
            Err(_) => Self::Hidden,
            Ok(phone) if business.owns(phone.as_str()) => Self::Hidden,
            Ok(phone) if business.people_phones.contains(phone.as_str()) => Self::OwnPeople,
            Ok(phone) => Self::Someone(phone),
        }
    }
}

/// Both numbers as they are kept. Reading a number takes time, so none is read twice.
pub(super) fn numbers(business: &VoiceBusiness, announced: &Announced, caller: &Caller) -> (String, String) {
    let read = |number: &str, is_caller: bool| match caller {
        Caller::Someone(phone) if is_caller => phone.as_str().to_owned(),
        _ if business.owns(number) => number.to_owned(),
        _ => normal(number),
    };
    let incoming = announced.direction == Direction::In;
    (read(&announced.from, incoming), read(&announced.to, !incoming))
}

/// A number in E.164 where it is one; otherwise Twilio's word, shortened.
fn normal(number: &str) -> String {
    Phone::parse(number).map_or_else(|_| number.chars().take(64).collect(), String::from)
}
