//! What the readers of webhooks share: looking into JSON that may be anything.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use contracts::whatsapp::{Account, Address, Alters, Inbound, Kind, Location};
use kernel::Phone;
use serde_json::Value;

/// The latest second that a webhook may name (the year 2286): beyond it stand milliseconds.
const LAST_SECOND: i64 = 9_999_999_999;
/// Longer names and ids are none.
const LONGEST_WORD: usize = 512;

/// A non-empty text, or a number as text.
pub(super) fn word(value: &Value, name: &str) -> Option<String> {
    let word = match value.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

/// A [`word`] that can be an id.
pub(super) fn id(value: &Value, name: &str) -> Option<String> {
    word(value, name).filter(|id| id.len() <= LONGEST_WORD)
}

pub(super) fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The elements of a list; none when it is not there or is no list.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Seconds or milliseconds since 1970, as number or text.
pub(super) fn time(value: &Value, name: &str) -> Option<DateTime<Utc>> {
    let number = match value.get(name)? {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_i64()?,
        _ => return None,
    };
    if number <= 0 {
        return None;
    }
    if number > LAST_SECOND {
        DateTime::from_timestamp_millis(number).filter(|at| at.timestamp() <= LAST_SECOND)
    } else {
        DateTime::from_timestamp(number, 0)
    }
}

/// A number of degrees, as number or text.
pub(super) fn degrees(value: &Value, name: &str) -> Option<f64> {
    let degrees = match value.get(name)? {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    Some(degrees).filter(|degrees: &f64| degrees.is_finite())
}

/// `{latitude, longitude, name?, address?}`.
pub(super) fn location(value: &Value) -> Option<Location> {
    Some(Location {
        latitude: degrees(value, "latitude")?,
        longitude: degrees(value, "longitude")?,
        name: word(value, "name"),
        address: word(value, "address"),
    })
}

/// A phone in WhatsApp's form: digits with the country, with or without a plus.
pub(super) fn phone(digits: &str) -> Option<Phone> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let sound = (7..=15).contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_digit());
    sound.then(|| Phone::parse(&format!("+{digits}")).ok()).flatten()
}

/// A business-scoped id: a country, a dot, and an id of letters and digits (which may have dots of its own).
pub(super) fn bsuid(text: &str) -> Option<Address> {
    let (country, rest) = text.split_once('.')?;
    let sound = country.len() == 2
        && country.chars().all(|letter| letter.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '.');
    sound.then(|| Address::Bsuid(text.to_owned()))
}

/// Adds an address unless it is there.
pub(super) fn add(chat: &mut Vec<Address>, address: Option<Address>) {
    if let Some(address) = address.filter(|address| !chat.contains(address)) {
        chat.push(address);
    }
}

/// A SHA-256 as hexadecimal, from hexadecimal or base64.
pub(super) fn sha256(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 64 && text.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Some(text.to_ascii_lowercase());
    }
    let bytes = BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 32)?;
    Some(hex(&bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A message of which nothing but its frame is known yet.
pub(super) fn blank(account: Account, carrier_id: String, chat: Vec<Address>, sent_at: DateTime<Utc>) -> Inbound {
    Inbound {
        account,
        carrier_id,
        chat,
        from_me: false,
        backlog: false,
        sent_at,
        profile_name: None,
        kind: Kind::Unsupported,
        text: None,
        media: Vec::new(),
        reply_to: None,
        alters: None,
        location: None,
        contacts: Vec::new(),
        choice: None,
        raw: Value::Null,
    }
}

/// What a message does to an older one, if both are known.
pub(super) fn edits(carrier_id: Option<String>) -> Option<Alters> {
    carrier_id.map(|carrier_id| Alters::Edit { carrier_id })
}

pub(super) fn deletes(carrier_id: Option<String>) -> Option<Alters> {
    carrier_id.map(|carrier_id| Alters::Delete { carrier_id })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_or_not_at_all() {
        let at = DateTime::from_timestamp(1_700_000_000, 0);
        for stamp in [json!("1700000000"), json!(1_700_000_000), json!(1_700_000_000_000_i64)] {
            assert_eq!(time(&json!({ "at": stamp }), "at"), at, "{stamp}");
        }
        for stamp in [
            json!(""),
            json!("soon"),
            json!(-5),
            json!(0),
            json!(i64::MAX),
            json!(u64::MAX),
            json!([1]),
        ] {
            assert_eq!(time(&json!({ "at": stamp }), "at"), None, "{stamp}");
        }
    }

    #[test]
    fn a_business_scoped_id_is_no_phone_and_a_phone_no_such_id() {
        assert_eq!(bsuid("IL.1349120865"), Some(Address::Bsuid("IL.1349120865".to_owned())));
        assert_eq!(
            bsuid("IL.ENT.1181579921"),
            Some(Address::Bsuid("IL.ENT.1181579921".to_owned()))
        );
        for text in ["", ".", "IL.", "il.1", "972501234567", "IL.a b", "ISR.1"] {
            assert_eq!(bsuid(text), None, "{text}");
        }
        assert!(phone("972501234567").is_some());
        assert!(phone("IL.1349120865").is_none());
    }

    #[test]
    fn a_hash_is_read_as_hexadecimal_and_as_base64() {
        let bytes = [0xab; 32];
        let expected = "ab".repeat(32);
        assert_eq!(sha256(&expected.to_uppercase()), Some(expected.clone()));
        assert_eq!(sha256(&BASE64_STANDARD.encode(bytes)), Some(expected));
        assert_eq!(sha256("none"), None);
    }
}
