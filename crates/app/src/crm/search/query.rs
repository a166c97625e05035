//! What a typed query looks for. All its chunks must be found; within a chunk any of its readings will do.

use super::fold::{stems, words};

/// A longer query is cut.
const MAX_QUERY_CHARS: usize = 200;
const MAX_CHUNKS: usize = 8;
/// Fewer digits are no phone ending.
const MIN_PHONE_DIGITS: usize = 4;

/// One part of a query, with every way in which it may be meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// As it was typed.
    pub typed: String,
    /// Beginnings of stored tokens, one of which must match. Empty: not meant as a word.
    pub word_beginnings: Vec<String>,
    pub phone: Option<PhoneEnding>,
    /// The beginning of an e-mail, in lower case.
    pub email_beginning: Option<String>,
}

/// A phone by its last digits or its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneEnding {
    /// Its last digits from last to first: a beginning of the column `reversed_digits`.
    pub reversed_digits: String,
    /// The beginning of its E.164 form, when it can be told (`050…` is `+97250…`).
    pub beginning: Option<String>,
}

/// Reads a query. `None`: it names nothing that could be found (blank, or only punctuation).
pub fn parse(text: &str) -> Option<Vec<Chunk>> {
    let text: String = text.chars().take(MAX_QUERY_CHARS).collect();
    if let Some(phone) = phone_ending(&text) {
        let word_beginnings = words(&text)
            .next()
            .filter(|_| words(&text).count() == 1)
            .into_iter()
            .collect();
        return Some(vec![Chunk {
            typed: text.trim().to_owned(),
            word_beginnings,
            phone: Some(phone),
            email_beginning: None,
        }]);
    }
    let chunks: Vec<Chunk> = text.split_whitespace().flat_map(chunks_of).take(MAX_CHUNKS).collect();
    (!chunks.is_empty()).then_some(chunks)
}

fn chunks_of(part: &str) -> Vec<Chunk> {
    let email = email_beginning(part);
    if part.contains('@') {
        return email
            .map(|email| Chunk {
                typed: part.to_owned(),
                email_beginning: Some(email),
                ..Chunk::default()
            })
            .into_iter()
            .collect();
    }
    let words: Vec<String> = words(part).collect();
    let alone = words.len() == 1;
    words
        .iter()
        .map(|word| Chunk {
            typed: if alone { part.to_owned() } else { word.clone() },
            word_beginnings: stems(word).map(str::to_owned).collect(),
            phone: phone_ending(word),
            email_beginning: email.clone().filter(|_| alone),
        })
        .collect()
}

fn email_beginning(part: &str) -> Option<String> {
    let plausible = part
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "@.!#$%&'*+/=?^_`{|}~-".contains(c));
    let begins = part.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
    (plausible && begins).then(|| part.to_ascii_lowercase())
}

fn phone_ending(text: &str) -> Option<PhoneEnding> {
    let text = text.trim();
    let is_phone = text.chars().all(|c| {
        c.is_ascii_digit()
            || matches!(
                c,
                '+' | ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{5be}' | '\u{2010}'
                    ..='\u{2015}' | '\u{200e}' | '\u{200f}'
            )
    });
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !is_phone || !(MIN_PHONE_DIGITS..=20).contains(&digits.len()) {
        return None;
    }
    Some(PhoneEnding {
        reversed_digits: digits.chars().rev().collect(),
        beginning: e164_beginning(text, &digits),
    })
}

fn e164_beginning(text: &str, digits: &str) -> Option<String> {
    if text.starts_with('+') {
        return Some(format!("+{digits}"));
    }
    if let Some(international) = digits.strip_prefix("00") {
        return Some(format!("+{international}"));
    }
    digits.strip_prefix('0').map(|national| format!("+972{national}"))
}
