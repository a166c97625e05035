//! The single fields of a customer: what is taken, and in which form it is kept.

use kernel::Phone;
use platform::http::fields::{Faults, Lines, Mentioned, has_nul};
use serde_json::{Map, Value};

use super::model::{Contacts, Status};

pub const MAX_NAME_CHARS: usize = 200;
pub const MAX_ADDRESS_CHARS: usize = 500;
pub const MAX_NOTES_CHARS: usize = 20_000;
/// Phones, and as many e-mails.
const MAX_CONTACTS: usize = 20;
const MAX_TAGS: usize = 50;
const MAX_TAG_CHARS: usize = 50;
const MAX_CUSTOM_FIELDS: usize = 100;
const MAX_CUSTOM_CHARS: usize = 2_000;

pub fn phones(faults: &mut Faults, first: Mentioned<String>, all: Mentioned<Vec<String>>) -> Contacts<Phone> {
    let mut read = |field: &str, text: &str| {
        let phone = Phone::parse(text).ok();
        if phone.is_none() {
            faults.add(field, "invalid_phone", "is not a phone number");
        }
        phone
    };
    let first = first.map(|text| {
        text.filter(|text| !text.trim().is_empty())
            .and_then(|text| read("phone", &text))
    });
    let all = all.map(|texts| each("phones", texts.unwrap_or_default(), &mut read));
    if all.as_ref().is_some_and(|all| all.len() > MAX_CONTACTS) {
        faults.add("phones", "too_many", format!("are more than {MAX_CONTACTS}"));
    }
    Contacts { first, all }
}

pub fn emails(faults: &mut Faults, first: Mentioned<String>, all: Mentioned<Vec<String>>) -> Contacts<String> {
    let mut read = |field: &str, text: &str| {
        let email = email(text);
        if email.is_none() {
            faults.add(field, "invalid_email", "is not an e-mail address");
        }
        email
    };
    let first = first.map(|text| {
        text.filter(|text| !text.trim().is_empty())
            .and_then(|text| read("email", &text))
    });
    let all = all.map(|texts| each("emails", texts.unwrap_or_default(), &mut read));
    if all.as_ref().is_some_and(|all| all.len() > MAX_CONTACTS) {
        faults.add("emails", "too_many", format!("are more than {MAX_CONTACTS}"));
    }
    Contacts { first, all }
}

fn each<T>(field: &str, texts: Vec<String>, read: &mut impl FnMut(&str, &str) -> Option<T>) -> Vec<T> {
    // one more than may be shows that there are too many; the rest is not looked at
    let numbered = texts.into_iter().take(MAX_CONTACTS + 1).enumerate();
    numbered
        .filter_map(|(at, text)| read(&format!("{field}[{at}]"), &text))
        .collect()
}

/// An e-mail in lower case, if it looks like one.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let sound = text.len() <= 254
        && (1..=64).contains(&local.len())
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "()<>[],;:\\\"".contains(c))
        && !local.contains('@')
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    sound.then_some(text)
}

pub fn tax_id(faults: &mut Faults, text: &str) -> Option<String> {
    if text.chars().all(|c| matches!(c, ' ' | '-')) {
        return None;
    }
    let read = kernel::tax_id(text);
    if read.is_none() {
        faults.add(
            "tax_id",
            "invalid_tax_id",
            "is not an Israeli id or company number: its check digit is wrong",
        );
    }
    read
}

pub fn status(faults: &mut Faults, text: Option<&str>) -> Option<Status> {
    let read = text.and_then(Status::parse);
    if read.is_none() {
        faults.add(
            "status",
            "unknown_status",
            "is new, contacted, qualified, customer, inactive or one of the business's own",
        );
    }
    read
}

pub fn source(faults: &mut Faults, source: Mentioned<String>) -> Option<String> {
    let source = source?.and_then(|source| faults.text("source", &source, MAX_TAG_CHARS, Lines::One));
    Some(source.unwrap_or_else(|| "manual".to_owned()))
}

pub fn tags(faults: &mut Faults, tags: Vec<String>) -> Vec<String> {
    if tags.len() > MAX_TAGS {
        faults.add("tags", "too_many", format!("are more than {MAX_TAGS}"));
        return Vec::new();
    }
    let mut kept: Vec<String> = Vec::new();
    for (at, tag) in tags.into_iter().enumerate() {
        if let Some(tag) = faults.text(&format!("tags[{at}]"), &tag, MAX_TAG_CHARS, Lines::One)
            && !kept.contains(&tag)
        {
            kept.push(tag);
        }
    }
    kept
}

pub fn custom(faults: &mut Faults, custom: Map<String, Value>) -> Map<String, Value> {
    if custom.len() > MAX_CUSTOM_FIELDS {
        faults.add("custom", "too_many", format!("are more than {MAX_CUSTOM_FIELDS}"));
        return Map::new();
    }
    for (name, value) in &custom {
        let sound = match value {
            Value::String(text) => text.chars().count() <= MAX_CUSTOM_CHARS,
            Value::Number(_) | Value::Bool(_) | Value::Null => true,
            Value::Array(_) | Value::Object(_) => false,
        };
        if !sound || name.is_empty() || name.chars().count() > MAX_TAG_CHARS || name.contains('\0') || has_nul(value) {
            let message =
                format!("is not a text of at most {MAX_CUSTOM_CHARS} characters, a number, a date or a boolean");
            faults.add(&format!("custom.{}", name.escape_default()), "invalid_value", message);
        }
    }
    custom
}

pub fn language(faults: &mut Faults, text: &str) -> Option<String> {
    let text = text.trim();
    let sound = text.len() <= 35
        && text
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()));
    if text.is_empty() {
        return None;
    }
    if !sound {
        faults.add("language", "invalid_language", "is not a language tag such as he-IL");
        return None;
    }
    Some(text.to_owned())
}
