//! `lookup_business_fact`: what the business itself says about a topic. Nothing else may be stated as a fact.

use std::collections::BTreeMap;

use conversation::call::words;
use kernel::{Permission, Problem};

use super::{Around, Done};

/// Facts in one answer.
const MOST_FACTS: usize = 3;
/// Shorter words say nothing of a topic.
const LEAST_CHARS: usize = 2;

pub fn run(around: Around<'_>, topic: &str) -> Result<Done, Problem> {
    let permission = around.call().map_or(Permission::ThreadsRead, |_| Permission::CallsRead);
    around.scope.require(permission)?;
    let found = look_up(&around.business.facts, topic);
    if found.is_empty() {
        return Ok(Done::new(
            "The business says nothing about this. Say that you will check, create a task «שאלה בלי תשובה: …» with the question, and promise a call back.",
            format!("{topic}: אין תשובה"),
        ));
    }
    let lines: Vec<_> = found.iter().map(|(topic, text)| format!("{topic}: {text}")).collect();
    Ok(Done::new(lines.join("\n"), topic))
}

/// The facts that share most words with the topic, best first.
fn look_up<'f>(facts: &'f BTreeMap<String, String>, topic: &str) -> Vec<(&'f str, &'f str)> {
    let wanted = stems(topic);
    let mut scored: Vec<_> = facts
        .iter()
        .map(|(topic, text)| {
            let (title, body) = (stems(topic), stems(text));
            let score: usize = wanted
                .iter()
                .map(|word| 3 * usize::from(is_among(word, &title)) + usize::from(is_among(word, &body)))
                .sum();
            (score, topic.as_str(), text.as_str())
        })
        .filter(|(score, ..)| *score > 0)
        .collect();
    scored.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    scored
        .into_iter()
        .take(MOST_FACTS)
        .map(|(_, topic, text)| (topic, text))
        .collect()
}

/// Each word with and without a leading ה/ו/ב/ל/מ/ש/כ.
fn stems(text: &str) -> Vec<String> {
    let plain = words::plain(text);
    plain
        .split(' ')
        .filter(|word| word.chars().count() >= LEAST_CHARS)
        .flat_map(|word| {
            let bare = word
                .strip_prefix(['ה', 'ו', 'ב', 'ל', 'מ', 'ש', 'כ'])
                .filter(|bare| bare.chars().count() >= 3);
            [Some(word.to_owned()), bare.map(ToOwned::to_owned)]
        })
        .flatten()
        .collect()
}

/// Equal, or one the beginning of the other: «מחיר» and «מחירים».
fn is_among(word: &str, others: &[String]) -> bool {
    others.iter().any(|other| {
        let shorter = word.chars().count().min(other.chars().count());
        word == other || (shorter >= 3 && (word.starts_with(other.as_str()) || other.starts_with(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_finds_its_fact_in_its_usual_forms() {
        let facts: BTreeMap<String, String> = [
            ("מחיר ביקור", "מאתיים שקלים כולל מעם"),
            ("חניה", "יש חניה חינם מאחורי הבניין"),
            ("כתובת", "רחוב הרצל חמש, חיפה"),
        ]
        .map(|(topic, text)| (topic.to_owned(), text.to_owned()))
        .into();
        for (asked, found) in [
            ("מחירים", "מחיר ביקור"),
            ("המחיר של ביקור", "מחיר ביקור"),
            ("החניה", "חניה"),
            ("בחיפה", "כתובת"),
        ] {
            assert_eq!(
                look_up(&facts, asked).first().map(|(topic, _)| *topic),
                Some(found),
                "{asked}"
            );
        }
        assert!(look_up(&facts, "אחריות").is_empty());
        assert!(look_up(&facts, "").is_empty());
    }
}
