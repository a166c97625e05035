//! Digits and small numbers in words, composed of fixed words.

use contracts::tts::Gender;

use super::{Fixed, Key, get};

/// The digits of a phone number, one word each, as it is read back. Whatever is not a digit is left out.
pub fn digits(number: &str, gender: Gender) -> Vec<Fixed> {
    number
        .chars()
        .filter_map(|character| character.to_digit(10))
        .filter_map(unit)
        .map(|key| get(key, gender))
        .collect()
}

/// 0 to 59 in the feminine form that hours and minutes take; nothing for larger ones.
pub fn number(value: u32, gender: Gender) -> Vec<Fixed> {
    keys(value).into_iter().map(|key| get(key, gender)).collect()
}

/// The keys of a number's words.
pub(super) fn keys(value: u32) -> Vec<Key> {
    match value {
        0..=19 => unit(value).into_iter().collect(),
        20..=59 => {
            let tens = match value / 10 {
                2 => Key::N20,
                3 => Key::N30,
                4 => Key::N40,
                _ => Key::N50,
            };
            std::iter::once(tens).chain(and_unit(value % 10)).collect()
        }
        _ => Vec::new(),
    }
}

const fn unit(value: u32) -> Option<Key> {
    Some(match value {
        0 => Key::N0,
        1 => Key::N1,
        2 => Key::N2,
        3 => Key::N3,
        4 => Key::N4,
        5 => Key::N5,
        6 => Key::N6,
        7 => Key::N7,
        8 => Key::N8,
        9 => Key::N9,
        10 => Key::N10,
        11 => Key::N11,
        12 => Key::N12,
        13 => Key::N13,
        14 => Key::N14,
        15 => Key::N15,
        16 => Key::N16,
        17 => Key::N17,
        18 => Key::N18,
        19 => Key::N19,
        _ => return None,
    })
}

/// «…and one» to «…and nine», the second half of a number over twenty.
pub(super) const fn and_unit(value: u32) -> Option<Key> {
    Some(match value {
        1 => Key::And1,
        2 => Key::And2,
        3 => Key::And3,
        4 => Key::And4,
        5 => Key::And5,
        6 => Key::And6,
        7 => Key::And7,
        8 => Key::And8,
        9 => Key::And9,
        _ => return None,
    })
}
