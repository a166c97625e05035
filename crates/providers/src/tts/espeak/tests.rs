use super::*;

fn speech(text: &str, language: &str) -> Speech {
    Speech {
        text: text.to_owned(),
        phonemes: None,
        language: language.to_owned(),
        gender: Gender::Feminine,
        clip: None,
        voice: None,
    }
}

fn told(text: &str, language: &str) -> String {
    lines(&speech(text, language))
        .into_iter()
        .map(|line| format!("{}: {}", line.voice, line.text))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn known_words_are_said_right_and_digits_by_name() {
    assert_eq!(
        told("שלום, מחר בשעה 9?", "he-IL"),
        "he+f2: [[Sal'om]], [[maX'aR]] [[beSa'a]] [[t'eSa]]?"
    );
}

#[test]
fn a_prefix_before_a_known_word_is_said() {
    assert_eq!(told("ותודה", "he-IL"), "he+f2: [[vetod'a]]");
}

#[test]
fn other_words_get_vowels() {
    assert_eq!(told("דבורה", "he-IL"), "he+f2: [[davoR'a]]");
}

#[test]
fn vowel_marks_are_not_read_by_name() {
    assert_eq!(told("שָׁלוֹם", "he-IL"), "he+f2: [[Sal'om]]");
}

#[test]
fn no_hebrew_and_no_brackets_of_others_reach_the_program() {
    for text in ["צה\"ל ג׳ירפה [[x]] קפּה־מאפה", "שלום [[חתול]] John", "ﬡﬢ"] {
        for language in ["he-IL", "en-US"] {
            let told = told(text, language);
            assert!(!hebrew::has_hebrew(&told), "{told}");
        }
    }
}

#[test]
fn a_language_that_the_program_knows_is_left_to_it() {
    assert_eq!(told("Good morning", "en-US"), "en+f2: Good morning");
    assert_eq!(told("say [[x]]", "en-US"), "en+f2: say x");
    assert_eq!(told("שלום", "en-US"), "he+f2: [[Sal'om]]");
}

#[test]
fn prices_hours_and_phones_are_read_as_people_read_them() {
    let said = |text| told(text, "he-IL").replace("he+f2: ", "");
    assert_eq!(said("250 שקלים"), "[[mat'ajim veXamiS'im]] [[Skal'im]]");
    assert_eq!(said("1,200₪."), "[['elef vemat'ajim]] [[Skal'im]].");
    assert_eq!(said("20%"), "[[esR'im]] [[aXuz'im]]");
    assert_eq!(said("ב-9:30,"), "[[be]] [[t'eSa veX'etsi]],");
    assert_eq!(said("03-555"), "[['efes Sal'oS Xam'eS Xam'eS Xam'eS]]");
}

#[test]
fn nothing_to_say_makes_no_line() {
    assert_eq!(told(" … ", "he-IL"), "");
}
