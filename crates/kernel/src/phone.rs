//! Phone numbers in E.164, read leniently: what a caller id or a person's typing gives must not be refused for style.

use std::fmt;

use phonenumber::{Mode, country};
use serde::{Deserialize, Serialize};

/// A phone number in E.164, for example `+972501234567`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// The text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneError;

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a phone number")
    }
}

impl std::error::Error for PhoneError {}

impl Phone {
    /// Reads `+9725…`, `05…`, `9725…`, `whatsapp:+…`, with spaces, dashes and brackets. National forms are Israel's, and
    /// have as many digits as those.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        let text = text.strip_prefix("whatsapp:").unwrap_or(text);
        let text = text.strip_prefix("tel:").unwrap_or(text);
        let cleaned = clean(text)?;
        let international = match cleaned.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None if cleaned.starts_with("972") && cleaned.len() >= 11 => format!("+{cleaned}"),
            None => cleaned,
        };
        let parsed = phonenumber::parse(Some(country::IL), &international).map_err(|_| PhoneError)?;
        let e164 = parsed.format().mode(Mode::E164).to_string();
        let digits = e164.len().saturating_sub(1);
        let whole = international.starts_with('+') || is_whole(e164.strip_prefix("+972").unwrap_or(&e164));
        if (7..=15).contains(&digits) && whole {
            Ok(Self(e164))
        } else {
            Err(PhoneError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country's calling code, for example 972.
    pub fn country_code(&self) -> Option<u16> {
        Some(phonenumber::parse(None, &self.0).ok()?.code().value())
    }

    /// The digits from last to first, for an indexed search by suffix.
    pub fn reversed_digits(&self) -> String {
        self.0.chars().rev().filter(char::is_ascii_digit).collect()
    }
}

/// Whether an Israeli number, without its leading zero, has its area: 8 digits, or 7 of a service that begins with 1.
fn is_whole(national: &str) -> bool {
    national.len() >= if national.starts_with('1') { 7 } else { 8 }
}

fn clean(text: &str) -> Result<String, PhoneError> {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '+' if cleaned.is_empty() => cleaned.push('+'),
            '0'..='9' => cleaned.push(c),
            ' '
            | '-'
            | '.'
            | '('
            | ')'
            | '/'
            | '\u{a0}'
            | '\u{2010}'..='\u{2015}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{5be}' => {}
            _ => return Err(PhoneError),
        }
    }
    if cleaned.len() > 20 {
        return Err(PhoneError);
    }
    Ok(cleaned)
}

/// A caller who shows no number of his own: empty, `anonymous`, `restricted`, `unknown`, `+266696687` (the keypad
/// letters of ANONYMOUS), or fewer than seven digits.
pub fn hidden_caller(from: &str) -> bool {
    let from = from.trim();
    let digits = from.chars().filter(char::is_ascii_digit).count();
    let word = from.to_ascii_lowercase();
    digits < 7 || from == "+266696687" || matches!(word.as_str(), "anonymous" | "restricted" | "unknown")
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::mask_phone(&self.0))
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_form_of_one_number_is_the_same_phone() {
        for form in [
            "+972501234567",
            "0501234567",
            "050-123-4567",
            "972501234567",
            "00972501234567",
            "whatsapp:+972501234567",
            " +972 (50) 123-4567 ",
        ] {
            assert_eq!(
                Phone::parse(form).map(String::from),
                Ok("+972501234567".to_owned()),
                "{form}"
            );
        }
    }

    #[test]
    fn what_is_no_phone_is_refused() {
        for form in [
            "",
            "abc",
            "12",
            "+",
            "*2700",
            "12345",
            "012345",
            "5551234",
            "050-123-4567 ext 3",
            "123456789012345678901234",
        ] {
            assert_eq!(Phone::parse(form), Err(PhoneError), "{form}");
        }
    }

    #[test]
    fn a_foreign_number_keeps_its_country() {
        assert_eq!(
            Phone::parse("+44 20 7946 0958").map(String::from),
            Ok("+442079460958".to_owned())
        );
    }

    #[test]
    fn hidden_callers_are_known_by_their_signs() {
        for from in ["", "anonymous", "Restricted", "unknown", "+266696687", "12345"] {
            assert!(hidden_caller(from), "{from}");
        }
        assert!(!hidden_caller("+972501234567"));
    }

    #[test]
    fn a_phone_in_a_log_is_masked() {
        let phone = Phone::parse("0501234567").expect("a phone");
        assert_eq!(format!("{phone:?}"), "+972******567");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in "\\PC{0,24}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone.clone()));
            }
        }
    }
}
