use proptest::prelude::*;

use super::{fold, index_tokens, parse};

/// Whether a record with this name is found, as the database compares: beginnings of stored tokens.
fn finds(query: &str, name: &str) -> bool {
    let tokens = index_tokens([name]);
    parse(query).is_some_and(|chunks| {
        chunks.iter().all(|chunk| {
            chunk
                .word_beginnings
                .iter()
                .any(|beginning| tokens.iter().any(|token| token.starts_with(beginning)))
        })
    })
}

#[test]
fn a_word_is_found_by_its_beginning_in_any_order() {
    assert!(finds("דנ", "דנה כהן"));
    assert!(finds("כה דנ", "דנה כהן"));
    assert!(finds("DAN", "dana Cohen"));
    assert!(finds("cöh", "Dana Cohen"));
}

#[test]
fn the_middle_of_a_word_is_never_found() {
    assert!(!finds("נה", "דנה כהן"));
    assert!(!finds("ohe", "Dana Cohen"));
}

#[test]
fn every_word_of_the_query_must_be_there() {
    assert!(!finds("דנה לוי", "דנה כהן"));
}

#[test]
fn niqqud_final_letters_maqaf_and_quotes_make_no_difference() {
    assert!(finds("שלום", "שָׁלוֹם"));
    assert!(finds("שָׁלוֹם", "שלום"));
    assert!(finds("כהנ", "כהן"));
    assert!(
        finds("כהן", "כהנא"),
        "a final letter typed in the middle of a longer name"
    );
    assert!(finds("שבע", "באר־שבע"));
    assert!(finds("באר שבע", "באר-שבע"));
    assert!(finds("צהל", "צה״ל"));
    assert!(finds("צה\"ל", "צה״ל"));
    assert!(finds("ג'ורג'", "ג׳ורג׳"));
    assert!(finds("\u{fb2a}לום", "שלום"), "a presentation form");
}

#[test]
fn leading_particles_are_optional_on_both_sides() {
    assert!(finds("כהן", "הכהן"));
    assert!(finds("כהן", "ולכהן"));
    assert!(finds("הכהן", "כהן"));
    assert!(finds("ולכהן", "כהן"));
    assert!(!finds("לך", "ולך"), "two letters are left of it, which says nothing");
}

#[test]
fn a_number_may_be_a_phones_end_its_beginning_or_a_word() {
    let chunks = parse("050-123 4567").expect("chunks");
    assert_eq!(chunks.len(), 1);
    let phone = chunks[0].phone.clone().expect("a phone");
    assert_eq!(phone.reversed_digits, "7654321050");
    assert_eq!(phone.beginning.as_deref(), Some("+972501234567"));

    let chunks = parse("דירה 4567").expect("chunks");
    assert_eq!(
        chunks[1].phone.as_ref().map(|p| p.reversed_digits.as_str()),
        Some("7654")
    );
    assert_eq!(chunks[1].word_beginnings, ["4567"]);
    assert_eq!(parse("567").expect("chunks")[0].phone, None, "three digits are too few");
    assert_eq!(
        parse("+44 20 7946").expect("chunks")[0]
            .phone
            .as_ref()
            .and_then(|p| p.beginning.clone()),
        Some("+44207946".to_owned())
    );
}

#[test]
fn an_e_mail_is_found_by_its_beginning() {
    let chunks = parse("Dana.Cohen@Exa").expect("chunks");
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].email_beginning.as_deref(), Some("dana.cohen@exa"));
    assert!(chunks[0].word_beginnings.is_empty());
    assert_eq!(
        parse("dana").expect("chunks")[0].email_beginning.as_deref(),
        Some("dana")
    );
    assert_eq!(parse("דנה").expect("chunks")[0].email_beginning, None);
}

#[test]
fn a_query_without_a_letter_or_digit_names_nothing() {
    for query in ["", "   ", "!!!", "״", "@"] {
        assert_eq!(parse(query), None, "{query:?}");
    }
}

#[test]
fn a_huge_text_gives_few_and_short_tokens() {
    assert_eq!(index_tokens(["א ".repeat(5000).as_str()]).len(), 1);
    let many = (0..10_000).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
    assert!(index_tokens([many.as_str()]).len() <= 96);
    assert!(
        index_tokens(["x".repeat(1_000_000).as_str()])
            .iter()
            .all(|token| token.len() <= 64)
    );
    assert!(parse(&"דנה ".repeat(5000)).expect("chunks").len() <= 8);
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn folding_hebrew_leaves_no_point_and_no_final_letter(text in "[\u{590}-\u{5ff}\u{fb1d}-\u{fb4f} ]{0,40}") {
        let folded = fold(&text);
        let left = folded.chars().find(|c| matches!(c, '\u{591}'..='\u{5c7}' | 'ך' | 'ם' | 'ן' | 'ף' | 'ץ'));
        prop_assert_eq!(left, None);
    }

    #[test]
    fn every_beginning_of_every_word_finds_its_name(name in "[א-ת]{1,12}( [a-zA-Zא-ת]{1,12}){0,3}", at in 1_usize..12) {
        for word in name.split(' ') {
            let beginning: String = word.chars().take(at).collect();
            prop_assert!(finds(&beginning, &name), "{} in {}", beginning, name);
        }
    }

    #[test]
    fn no_query_panics(text in "\\PC{0,60}") {
        let _ = parse(&text);
        let _ = index_tokens([text.as_str()]);
    }
}
