use chrono::{NaiveDate, NaiveDateTime};
use contracts::tts::Gender;

use super::{Key, digits, get, joined_text, number, opening};

const GENDERS: [Gender; 2] = [Gender::Feminine, Gender::Masculine];

/// What a phoneme string may be made of: anything else would be read by name, or taken for another phoneme.
const PHONEMES: &[&str] = &[
    "ts", "a", "e", "i", "o", "u", "b", "v", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "s", "t", "z", "S", "X",
    "R", "Z",
];

/// One word's phonemes without stress marks, or what could not be read as one.
fn split_phonemes(word: &str) -> Result<Vec<&'static str>, String> {
    let mut rest = word;
    let mut found = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix('\'').unwrap_or(rest);
        let phoneme = PHONEMES
            .iter()
            .find(|phoneme| rest.starts_with(**phoneme))
            .ok_or_else(|| rest.to_owned())?;
        rest = &rest[phoneme.len()..];
        found.push(*phoneme);
    }
    Ok(found)
}

fn words(phonemes: &str) -> impl Iterator<Item = &str> {
    phonemes.split(' ').map(|word| word.trim_end_matches([',', '.', '?']))
}

#[test]
fn phonemes_hold_no_hebrew_letters_and_only_known_sounds() {
    for key in Key::ALL {
        for gender in GENDERS {
            let fixed = get(*key, gender);
            for word in words(fixed.phonemes) {
                assert!(!word.is_empty(), "{fixed:?}");
                split_phonemes(word).unwrap_or_else(|rest| panic!("{fixed:?}: {rest:?} in {word:?}"));
            }
        }
    }
}

#[test]
fn each_written_word_has_its_spoken_word() {
    for key in Key::ALL {
        for gender in GENDERS {
            let fixed = get(*key, gender);
            let text = fixed.text.split(' ').count();
            let spoken = fixed.phonemes.split(' ').count();
            assert_eq!(text, spoken, "{fixed:?}");
        }
    }
}

/// The consonants that each Hebrew letter may be heard as; none for letters that may be silent.
fn sounds(letter: char) -> (&'static [&'static str], bool) {
    match letter {
        'ב' => (&["b", "v"], false),
        'ג' => (&["g"], false),
        'ד' => (&["d"], false),
        'ה' => (&["h"], true),
        'ו' => (&["v"], true),
        'ז' => (&["z"], false),
        'ח' => (&["X"], false),
        'ט' | 'ת' => (&["t"], false),
        'י' => (&["j"], true),
        'כ' | 'ך' => (&["k", "X"], false),
        'ל' => (&["l"], false),
        'מ' | 'ם' => (&["m"], false),
        'נ' | 'ן' => (&["n"], false),
        'ס' => (&["s"], false),
        'פ' | 'ף' => (&["p", "f"], false),
        'צ' | 'ץ' => (&["ts"], false),
        'ק' => (&["k"], false),
        'ר' => (&["R"], false),
        'ש' => (&["S", "s"], false),
        // א, ע, and whatever is not a letter.
        _ => (&[], true),
    }
}

/// Whether the consonants of `spoken` are those of `letters`, in order, with only silent letters left over.
fn consonants_agree(letters: &[char], spoken: &[&str]) -> bool {
    let Some((letter, letters_left)) = letters.split_first() else {
        return spoken.is_empty();
    };
    let (heard_as, may_be_silent) = sounds(*letter);
    if may_be_silent && consonants_agree(letters_left, spoken) {
        return true;
    }
    let Some((first, spoken_left)) = spoken.split_first() else {
        return false;
    };
    // A doubled ו or י is one sound, and so is the j that glides between two vowels.
    heard_as.contains(first) && consonants_agree(letters_left, spoken_left)
}

#[test]
fn the_consonants_spoken_are_the_consonants_written() {
    for key in Key::ALL {
        for gender in GENDERS {
            let fixed = get(*key, gender);
            for (text, spoken) in fixed.text.split(' ').zip(words(fixed.phonemes)) {
                let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
                let consonants: Vec<&str> = split_phonemes(spoken)
                    .unwrap()
                    .into_iter()
                    .filter(|sound| !["a", "e", "i", "o", "u"].contains(sound))
                    .collect();
                assert!(
                    consonants_agree(&letters, &consonants),
                    "{fixed:?}: {text} is not {spoken}"
                );
            }
        }
    }
}

#[test]
fn a_word_carries_at_most_one_stress_and_it_stands_before_a_vowel() {
    for key in Key::ALL {
        for gender in GENDERS {
            let fixed = get(*key, gender);
            for word in words(fixed.phonemes) {
                let mut parts = word.split('\'').skip(1);
                if let Some(stressed) = parts.next() {
                    assert!(stressed.starts_with(['a', 'e', 'i', 'o', 'u']), "{fixed:?}: {word}");
                }
                assert!(parts.next().is_none(), "{fixed:?}: {word}");
            }
        }
    }
}

/// Written beside the clips when they are made: whose, which, from what.
static MADE_FROM: &str = include_str!("../../assets/clips/made-from");

#[test]
fn no_clip_is_older_than_its_phonemes() {
    let speakers = ["feminine", "masculine"].into_iter().zip(GENDERS);
    let now: Vec<String> = speakers
        .flat_map(|(speaker, gender)| {
            Key::ALL
                .iter()
                .map(move |key| format!("{speaker}\t{}\t{}", key.name(), get(*key, gender).clip_phonemes()))
        })
        .collect();
    let made: Vec<&str> = MADE_FROM.lines().collect();
    assert_eq!(now, made, "`cargo run -p xtask -- clips` makes them anew");
}

#[test]
fn only_whole_sentences_can_be_reworded() {
    assert!(Key::Greeting.is_sentence());
    assert!(Key::ReadBack.is_sentence());
    assert!(!Key::N7.is_sentence());
    assert!(!Key::OpenAgain.is_sentence());
    assert_eq!(Key::from_name("greeting"), Some(Key::Greeting));
    assert_eq!(Key::from_name("Greeting"), None);
}

#[test]
fn the_speaker_decides_the_form() {
    assert!(get(Key::FillerChecking, Gender::Feminine).text.contains("בודקת"));
    assert!(
        get(Key::FillerChecking, Gender::Masculine)
            .phonemes
            .ends_with("bod'ek.")
    );
}

#[test]
fn a_reworded_sentence_keeps_its_clip_for_the_embedded_voice() {
    let fixed = get(Key::Greeting, Gender::Feminine);
    let speech = fixed.speech(Gender::Feminine, Some("מספרת דנה, שלום"));
    assert_eq!(speech.text, "מספרת דנה, שלום");
    assert_eq!(speech.clip, Some(fixed.clip));
    assert_eq!(speech.phonemes.as_deref(), Some(fixed.phonemes));
}

#[test]
fn a_number_is_read_back_digit_by_digit() {
    let read = joined_text(&digits("+972-50", Gender::Feminine));
    assert_eq!(read, "תשע שבע שתיים חמש אפס");
}

#[test]
fn numbers_are_composed() {
    let said = |value| joined_text(&number(value, Gender::Feminine));
    assert_eq!(said(0), "אפס");
    assert_eq!(said(12), "שתים עשרה");
    assert_eq!(said(45), "ארבעים וחמש");
    assert_eq!(said(50), "חמישים");
    assert_eq!(said(60), "");
}

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    // The first of November 2026 is a Sunday.
    NaiveDate::from_ymd_opt(2026, 11, day)
        .unwrap()
        .and_hms_opt(hour, minute, 0)
        .unwrap()
}

fn said(now: NaiveDateTime, opens_at: NaiveDateTime) -> String {
    joined_text(&opening(now, opens_at, Gender::Feminine))
}

#[test]
fn the_next_opening_is_said_in_words() {
    assert_eq!(said(at(1, 6, 0), at(1, 9, 0)), "היום בשעה תשע בבוקר");
    assert_eq!(said(at(1, 20, 0), at(2, 9, 30)), "מחר בשעה תשע וחצי בבוקר");
    assert_eq!(
        said(at(6, 14, 0), at(8, 16, 15)),
        "ביום ראשון בשעה ארבע ורבע אחר הצהריים"
    );
    assert_eq!(
        said(at(1, 20, 0), at(3, 12, 45)),
        "ביום שלישי בשעה שתים עשרה ארבעים וחמש בצהריים"
    );
    assert_eq!(said(at(1, 20, 0), at(5, 8, 5)), "ביום חמישי בשעה שמונה וחמש דקות בבוקר");
    assert_eq!(said(at(1, 20, 0), at(7, 19, 0)), "בשבת בשעה שבע בערב");
    assert_eq!(
        said(at(1, 20, 0), at(9, 0, 0)),
        "ביום שני בשבוע הבא בשעה שתים עשרה בלילה"
    );
}

#[test]
fn what_is_past_or_far_off_is_not_said() {
    assert_eq!(said(at(2, 9, 0), at(1, 9, 0)), "");
    assert_eq!(said(at(1, 9, 0), at(20, 9, 0)), "");
}

#[test]
fn a_question_at_the_end_of_a_greeting_is_left_to_whoever_asks() {
    for (text, before) in [
        (
            "שלום, הגעתם אל המוסך. מדברת נועה. איך אפשר לעזור?",
            "שלום, הגעתם אל המוסך. מדברת נועה.",
        ),
        ("הגעתם אל המוסך… במה נוכל לעזור? ", "הגעתם אל המוסך…"),
        ("שלום, איך אפשר לעזור?", "שלום, איך אפשר לעזור?"),
        ("שלום. אשמח לעזור.", "שלום. אשמח לעזור."),
        ("", ""),
    ] {
        assert_eq!(super::before_question(text), before);
    }
}
