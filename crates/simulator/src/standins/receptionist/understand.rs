//! What a caller's sentence is about, by the words in it.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing was understood.
    Nothing,
    Person,
    Bye,
    /// Says that a question comes.
    Interrupt,
    /// Asks for something that the business may have said about itself.
    Fact,
    Other,
}

const PERSON: &[&str] = &["נציג", "בן אדם", "אדם אמיתי", "מישהו אנושי"];
const BYE: &[&str] = &["להתראות", "ביי", "זה הכול", "זה הכל", "לא, תודה", "לא תודה"];
const INTERRUPT: &[&str] = &["שאלה אחרת", "יש לי שאלה"];
const FACT: &[&str] = &[
    "כמה זה",
    "כמה עולה",
    "מה המחיר",
    "שעות",
    "פתוחים",
    "מה הכתובת",
    "איפה אתם",
];

pub(super) fn wish(said: &str) -> Wish {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if said.chars().filter(|c| c.is_alphanumeric()).count() < 2 {
        Wish::Nothing
    } else if has(PERSON) {
        Wish::Person
    } else if has(BYE) {
        Wish::Bye
    } else if has(INTERRUPT) {
        Wish::Interrupt
    } else if has(FACT) {
        Wish::Fact
    } else {
        Wish::Other
    }
}

const NAME_FOLLOWS: &[&str] = &["קוראים לי ", "שמי ", "השם שלי הוא ", "השם שלי ", "מדבר ", "מדברת "];
/// A name has at most so many words.
const MOST_WORDS: usize = 3;

/// The name in «my name is …».
pub(super) fn name_in(said: &str) -> Option<String> {
    let (_, after) = NAME_FOLLOWS.iter().find_map(|words| said.split_once(words))?;
    words(after.split(['.', ',', '!', '?']).next()?)
}

/// A short answer to «what is your name».
pub(super) fn bare_name(said: &str) -> Option<String> {
    let said = said.trim().trim_end_matches(['.', '!', '?', ',']);
    (said.split_whitespace().count() <= MOST_WORDS)
        .then(|| words(said))
        .flatten()
}

fn words(text: &str) -> Option<String> {
    let name: Vec<_> = text.split_whitespace().take(MOST_WORDS).collect();
    (!name.is_empty()).then(|| name.join(" "))
}

/// What a tool found, if it found anything that can be said aloud.
pub(super) fn fact_in(result: &str) -> Option<String> {
    let text = match serde_json::from_str::<serde_json::Value>(result) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(value) => ["text", "fact", "answer", "result"]
            .iter()
            .find_map(|name| value.get(name)?.as_str().map(str::to_owned))?,
        Err(_) => result.to_owned(),
    };
    text.chars().any(|c| ('א'..='ת').contains(&c)).then_some(text)
}
