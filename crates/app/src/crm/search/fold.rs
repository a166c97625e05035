//! One spelling for all ways of writing the same word, Hebrew above all.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Longer words are cut: nobody types more of one.
const MAX_WORD_CHARS: usize = 48;
/// Further words of one name are not searchable.
const MAX_WORDS: usize = 32;
/// Further words of one longer text (a note, a summary) are not searchable.
const MAX_TEXT_WORDS: usize = 300;
/// Longer names are alike when they begin alike.
const MAX_KEY_CHARS: usize = 200;
/// What is left of a word after its particles has at least this many letters.
const MIN_STEM_CHARS: usize = 3;

/// Folds a text: compatibility forms, niqqud and accents, final letters, maqaf, quotes and case.
///
/// `fold(fold(x)) == fold(x)`.
pub fn fold(text: &str) -> String {
    let lower: String = text.nfkd().flat_map(char::to_lowercase).collect();
    lower.nfkd().filter_map(fold_char).collect()
}

fn fold_char(c: char) -> Option<char> {
    match c {
        // maqaf joins two words
        '\u{5be}' => Some(' '),
        // niqqud and cantillation, Latin accents, Arabic vowel marks; invisible marks of direction and joining
        '\u{591}'..='\u{5c7}'
        | '\u{300}'..='\u{36f}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{ad}' => None,
        'ך' => Some('כ'),
        'ם' => Some('מ'),
        'ן' => Some('נ'),
        'ף' => Some('פ'),
        'ץ' => Some('צ'),
        'ς' => Some('σ'),
        '\u{5f4}' | '\u{201c}'..='\u{201f}' => Some('"'),
        '\u{5f3}' | '\u{2018}'..='\u{201b}' | '`' => Some('\''),
        _ => Some(c),
    }
}

/// The folded words of a text. Quotes belong to their word and fall away (`צה״ל`, `ג׳ורג׳`).
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    first_words(text, MAX_WORDS)
}

fn first_words(text: &str, most: usize) -> impl Iterator<Item = String> + use<> {
    let bare: String = fold(text).chars().filter(|c| !matches!(c, '"' | '\'')).collect();
    bare.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(most)
        .map(|word| word.chars().take(MAX_WORD_CHARS).collect())
        .collect::<Vec<String>>()
        .into_iter()
}

/// The words of a text as they are written in it, each with what it is folded to.
pub fn written_words(text: &str) -> impl Iterator<Item = (&str, String)> {
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | ',' | '.' | '/' | '\u{5be}');
    let written = text.split(between).filter(|word| !word.is_empty());
    written.filter_map(|word| Some((word, words(word).next()?)))
}

/// The word itself, and what is left after one or two leading particles (`ולכהן` → `לכהן`, `כהן`).
pub(super) fn stems(word: &str) -> impl Iterator<Item = &str> {
    let once = without_particle(word);
    let twice = once.and_then(without_particle);
    [Some(word), once, twice].into_iter().flatten()
}

fn without_particle(word: &str) -> Option<&str> {
    let rest = word.strip_prefix(['ו', 'ה', 'ב', 'ל', 'מ', 'ש', 'כ'])?;
    (rest.chars().count() >= MIN_STEM_CHARS).then_some(rest)
}

/// Everything under which these texts can be found: a query finds a token that begins with one of its own stems.
pub fn index_tokens<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for word in texts.into_iter().flat_map(words) {
        tokens.extend(stems(&word).map(str::to_owned));
    }
    tokens
}

/// As [`index_tokens`], for texts that are longer than names.
pub(super) fn text_tokens<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for word in texts.into_iter().flat_map(|text| first_words(text, MAX_TEXT_WORDS)) {
        tokens.extend(stems(&word).map(str::to_owned));
    }
    tokens
}

/// The words themselves, without what is left of them after particles.
pub fn whole_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    texts.into_iter().flat_map(words).collect()
}

/// The same for two names with the same words in any order and spelling; empty for one without words.
pub fn name_key(name: &str) -> String {
    let mut words: Vec<String> = words(name).collect();
    words.sort_unstable();
    words.join(" ").chars().take(MAX_KEY_CHARS).collect()
}
