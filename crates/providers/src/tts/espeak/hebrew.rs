//! Free Hebrew text as phonemes, for want of anything better: words of a list are said right, the others by a guess at
//! their vowels. Hebrew letters and vowel marks never come out of here.

use super::{
    numbers::{self, Counted},
    phonemes::without_brackets,
    words,
};

/// Whether any Hebrew letter or mark stands in it.
pub(super) fn has_hebrew(text: &str) -> bool {
    text.chars().any(is_hebrew)
}

const fn is_hebrew(character: char) -> bool {
    matches!(character, '\u{0590}'..='\u{05ff}' | '\u{fb1d}'..='\u{fb4f}')
}

const fn is_letter(character: char) -> bool {
    matches!(character, 'א'..='ת')
}

/// The text as the program takes it: Hebrew and numbers as phonemes, words of other scripts as they are.
pub(super) fn spelled(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut tokens = text.split_whitespace().peekable();
    while let Some(token) = tokens.next() {
        let mark = token.chars().rev().find_map(pause).unwrap_or_default();
        let mut said = say(token, tokens.peek().copied());
        said.push_str(mark);
        if said.chars().any(char::is_alphanumeric) {
            out.push(said);
        }
    }
    out.join(" ")
}

const fn pause(character: char) -> Option<&'static str> {
    match character {
        '.' | ':' | '…' => Some("."),
        ',' | ';' | ')' => Some(","),
        '?' => Some("?"),
        '!' => Some("!"),
        _ => None,
    }
}

/// One token between spaces, which may hold several scripts (`ב-10`, `WhatsApp`). What comes after a number says how it
/// is counted.
fn say(token: &str, next: Option<&str>) -> String {
    let counted = words::counted(token, next);
    let mut out: Vec<String> = Vec::new();
    let mut run = String::new();
    let mut kind = Kind::Other;
    for character in token.chars().chain([' ']) {
        let this = Kind::of(character);
        if this == Kind::Mark {
            continue;
        }
        // The marks inside a number belong to it.
        let inside = kind == Kind::Number && matches!(character, ':' | ',' | '.' | '-' | '/');
        if this != kind && !inside {
            out.extend(said(&std::mem::take(&mut run), kind, counted));
            kind = this;
        }
        run.push(character);
    }
    out.join(" ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hebrew,
    Number,
    /// Words that the program reads itself.
    Foreign,
    /// Signs with a name of their own.
    Sign,
    /// Vowel marks, and the quotes inside of Hebrew abbreviations.
    Mark,
    Other,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            '\'' | '"' | '״' | '׳' => Self::Mark,
            _ if is_letter(character) => Self::Hebrew,
            _ if is_hebrew(character) => Self::Mark,
            _ if character.is_ascii_digit() => Self::Number,
            '%' | '₪' | '$' => Self::Sign,
            _ if character.is_alphabetic() => Self::Foreign,
            _ => Self::Other,
        }
    }
}

fn said(run: &str, kind: Kind, counted: Counted) -> Option<String> {
    match kind {
        Kind::Hebrew => Some(format!("[[{}]]", word(run))),
        Kind::Number => Some(format!("[[{}]]", numbers::spoken(run, counted))),
        Kind::Foreign => Some(without_brackets(run)),
        Kind::Sign => words::sign(run).map(|sign| format!("[[{sign}]]")),
        Kind::Mark | Kind::Other => None,
    }
}

/// A word of Hebrew letters.
fn word(letters: &str) -> String {
    if let Some(known) = words::known(letters) {
        return known.to_owned();
    }
    let mut rest = letters.chars();
    if let Some(prefix) = rest.next().and_then(words::prefix) {
        let known = if rest.as_str().is_empty() {
            Some("")
        } else {
            words::known(rest.as_str())
        };
        if let Some(known) = known {
            return format!("{prefix}{known}");
        }
    }
    guess(letters)
}

/// Consonants with an `a` wherever two would meet; the stress on the last vowel, as in most words.
fn guess(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut sounds: Vec<&'static str> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let place = Place {
            first: at == 0,
            last: at + 1 == letters.len(),
            after_vowel: sounds.last().is_some_and(|sound| words::is_vowel(sound)),
            next: letters.get(at + 1).copied(),
        };
        let sound = words::sound(*letter, &place);
        let consonants_meet = sounds.last().is_some_and(|before| !words::is_vowel(before)) && !words::is_vowel(sound);
        if consonants_meet && !sound.is_empty() {
            sounds.push("a");
        }
        if !sound.is_empty() {
            sounds.push(sound);
        }
    }
    stressed(&sounds)
}

fn stressed(sounds: &[&str]) -> String {
    let last_vowel = sounds.iter().rposition(|sound| words::is_vowel(sound));
    let mut out = String::new();
    for (at, sound) in sounds.iter().enumerate() {
        if Some(at) == last_vowel {
            out.push('\'');
        }
        out.push_str(sound);
    }
    out
}

/// Where a letter stands.
pub(super) struct Place {
    pub first: bool,
    pub last: bool,
    pub after_vowel: bool,
    pub next: Option<char>,
}
