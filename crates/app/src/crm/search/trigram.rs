//! How alike two words are when one was mistyped.
//!
//! Trigrams find the few words that are worth comparing; how many strokes lie between decides.

use std::collections::BTreeSet;

/// Before a word, so that its first letters weigh more; and after it. No folded word has them.
const BEFORE: char = '^';
const AFTER: char = '$';
/// Nothing can be told from a shorter word.
const MIN_WORD_CHARS: usize = 3;
/// Up to here a word must have its length.
const SHORT_WORD_CHARS: usize = 4;
/// From this length on two strokes may be wrong.
const LONG_WORD_CHARS: usize = 6;

/// The trigrams of a folded word; none for one of which nothing could be told.
pub fn trigrams(word: &str) -> BTreeSet<String> {
    if !is_comparable(word) {
        return BTreeSet::new();
    }
    let padded: Vec<char> = [BEFORE, BEFORE]
        .into_iter()
        .chain(word.chars())
        .chain([AFTER])
        .collect();
    padded.windows(3).map(|three| three.iter().collect()).collect()
}

/// Whether mistyped forms of the word are looked for: it is long enough, and no number.
pub fn is_comparable(word: &str) -> bool {
    word.chars().count() >= MIN_WORD_CHARS && !word.chars().any(|c| c.is_ascii_digit())
}

/// How many strokes lie between two words, if that may be a slip: one, or two in a long word. A stroke is a letter too
/// many, too few, another, or two in the wrong order.
pub fn slips(typed: &str, stored: &str) -> Option<usize> {
    let (typed, stored): (Vec<char>, Vec<char>) = (typed.chars().collect(), stored.chars().collect());
    let (most, longer) = allowed(typed.len());
    if typed.len().abs_diff(stored.len()) > longer {
        return None;
    }
    let strokes = strokes(&typed, &stored);
    (strokes <= most).then_some(strokes)
}

/// How many strokes may be wrong in a word of so many letters, and how many letters more or fewer it may have.
const fn allowed(letters: usize) -> (usize, usize) {
    match letters {
        // more letters, or fewer, make another word of it
        ..SHORT_WORD_CHARS => (1, 0),
        SHORT_WORD_CHARS..LONG_WORD_CHARS => (1, 1),
        _ => (2, 2),
    }
}

/// How many letters a word may have of which this one is a slip.
pub fn lengths(typed: &str) -> impl Iterator<Item = i32> {
    let letters = typed.chars().count();
    let (_, longer) = allowed(letters);
    (letters.saturating_sub(longer)..=letters + longer).filter_map(|letters| i32::try_from(letters).ok())
}

/// Optimal string alignment, row by row.
fn strokes(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut swappable: Option<char> = None;
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (at, against) in other.iter().enumerate() {
            let cell = |cells: &[usize], at: usize| cells.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = cell(&last, at) + usize::from(letter != against);
            best = best.min(cell(&last, at + 1) + 1).min(cell(&next, at) + 1);
            let crossed = at > 0 && swappable == Some(*against) && other.get(at - 1) == Some(letter);
            if crossed {
                best = best.min(cell(&before, at - 1) + 1);
            }
            next.push(best);
        }
        swappable = Some(*letter);
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_is_one_stroke_and_two_in_a_long_word() {
        assert_eq!(slips("כהנ", "כהנ"), Some(0));
        assert_eq!(slips("כהמ", "כהנ"), Some(1), "another letter");
        assert_eq!(slips("אברהמ", "אברמ"), Some(1), "one too many");
        assert_eq!(slips("אבהרמ", "אברהמ"), Some(1), "in the wrong order");
        assert_eq!(slips("ברקוביצ", "ברקובץ"), Some(2));
        assert_eq!(slips("כהל", "לוי"), None);
        assert_eq!(slips("ana", "dana"), None, "a short word with another length");
        assert_eq!(slips("דנהה", "דנה"), Some(1));
        assert_eq!(slips("דנה", "דינהה"), None, "two strokes in a short word");
    }

    #[test]
    fn of_short_words_and_numbers_nothing_is_told() {
        assert!(trigrams("דן").is_empty());
        assert!(trigrams("4567").is_empty());
        assert_eq!(
            trigrams("דנה").into_iter().collect::<Vec<_>>(),
            ["^^ד", "^דנ", "דנה", "נה$"]
        );
    }

    proptest! {
        #[test]
        fn one_wrong_stroke_leaves_a_common_trigram(word in "[א-ת]{4,10}", at in 0_usize..10, letter in "[א-ת]") {
            let letters: Vec<char> = word.chars().collect();
            let at = at % letters.len();
            let wrong: String = letters.iter().enumerate()
                .map(|(place, own)| if place == at { letter.chars().next().unwrap_or('א') } else { *own })
                .collect();
            prop_assert!(slips(&wrong, &word).is_some());
            prop_assert!(!trigrams(&wrong).is_disjoint(&trigrams(&word)));
        }

        #[test]
        fn both_sides_are_alike(one in "[א-ת]{0,8}", other in "[א-ת]{0,8}") {
            let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
            prop_assert_eq!(strokes(&one, &other), strokes(&other, &one));
        }
    }
}
