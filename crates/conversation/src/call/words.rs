//! What can be understood without a model: asking for a person, yes and no, digits, and sounds that are no answer.
//!
//! Hebrew first; English, Arabic and Russian where a word is enough.

/// Lower case, without vowel points and punctuation, words apart by one blank.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{5be}' | '-' | '–' | '—' | '/' => plain.push(' '),
            '\u{591}'..='\u{5c7}' | '\'' | '"' | '׳' | '״' | '’' => {}
            c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

const PERSON: &[&str] = &[
    "נציג",
    "נציגה",
    "נציגת",
    "בן אדם",
    "בנאדם",
    "אדם אמיתי",
    "אדם חי",
    "מישהו אמיתי",
    "מישהי אמיתית",
    "אנושי",
    "אנושית",
    "representative",
    "human",
    "real person",
    "operator",
    "human being",
    "оператор",
    "оператора",
    "человек",
    "человеком",
    "человека",
    "موظف",
    "شخص حقيقي",
    "انسان",
];
/// Words before it that turn its sense.
const NOT_ASKING: &[&str] = &[
    "לא",
    "בלי",
    "אל",
    "אני",
    "אנחנו",
    "אין",
    "היה",
    "הייתי",
    "not",
    "no",
    "without",
    "am",
    "не",
    "без",
    "я",
    "لا",
];

/// The caller asks for a person: «נציג», «תעבירו אותי לבן אדם», «a human, please».
pub fn asks_for_person(text: &str) -> bool {
    let plain = plain(text);
    let words: Vec<&str> = plain.split(' ').collect();
    (0..words.len()).any(|at| {
        let rest = words.get(at..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        PERSON.iter().any(|person| starts_with(rest, person)) && !before.is_some_and(|word| NOT_ASKING.contains(word))
    })
}

/// Whether the words begin with the phrase; the first may carry ל, ה, ל+ה, ש.
fn starts_with(words: &[&str], phrase: &str) -> bool {
    let mut phrase_words = phrase.split(' ');
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let Some(wanted) = phrase_words.next() else {
        return false;
    };
    let bare = ["ל", "ה", "לה", "ש", "עם"]
        .iter()
        .filter_map(|prefix| first.strip_prefix(prefix))
        .any(|bare| bare == wanted);
    let mut rest = rest.iter();
    (*first == wanted || bare) && phrase_words.all(|wanted| rest.next() == Some(&wanted))
}

/// To come back to somebody by phone, whoever does it.
const CALLS_BACK: &[&str] = &[
    "לחזור",
    "תחזרו",
    "תחזור",
    "תחזרי",
    "יחזרו",
    "יחזור",
    "חזרו",
    "חזור",
    "חזרי",
    "נחזור",
    "אחזור",
    "להתקשר",
    "תתקשרו",
    "תתקשר",
    "תתקשרי",
    "יתקשרו",
    "יתקשר",
    "נתקשר",
    "אתקשר",
    "התקשרו",
];
const TO_ME: &[&str] = &["אליי", "אלי", "אלינו"];
const TO_YOU: &[&str] = &["אליכם", "אלייך", "אליך"];
/// Other languages, and other words for it.
const CALL_ME_BACK: &[&str] = &[
    "call me back",
    "call us back",
    "give me a call",
    "перезвоните",
    "перезвонить",
];
const CALL_YOU_BACK: &[&str] = &[
    "ניצור איתכם קשר",
    "ניצור אתכם קשר",
    "ייצרו איתכם קשר",
    "call you back",
    "get back to you",
];
/// Words shortly before it that turn its sense.
const NOT_BACK: &[&str] = &["לא", "אל", "בלי", "אם", "don't", "not", "no"];
/// How far apart the words of it may stand.
const NEAR: usize = 3;

/// The caller asks to be called back: «תחזרו אליי», «אפשר לחזור אליי מחר?».
pub fn asks_for_callback(text: &str) -> bool {
    calls_back(&plain(text), TO_ME, CALL_ME_BACK)
}

/// The agent promises a call back: «נחזור אליכם מחר». Asking whether one is wanted is no promise.
pub fn promises_callback(sentence: &str) -> bool {
    !sentence.trim_end().ends_with('?') && calls_back(&plain(sentence), TO_YOU, CALL_YOU_BACK)
}

fn calls_back(plain: &str, whom: &[&str], phrases: &[&str]) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    let begins = |at: usize| {
        let word = words.get(at).copied().unwrap_or_default();
        let bare = word.strip_prefix(['ש', 'ו']).unwrap_or(word);
        let mut next = words.iter().skip(at + 1).take(NEAR);
        let verb = CALLS_BACK.contains(&word) || CALLS_BACK.contains(&bare);
        let rest = words.get(at..).unwrap_or_default().join(" ");
        (verb && next.any(|word| whom.contains(word))) || phrases.iter().any(|phrase| rest.starts_with(phrase))
    };
    (0..words.len()).any(|at| {
        let before = words.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
        begins(at) && !before.iter().any(|word| NOT_BACK.contains(word))
    })
}

/// What a yes-or-no question got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Yes,
    No,
    Unclear,
}

const YES: &[&str] = &[
    "כן",
    "נכון",
    "בדיוק",
    "בטח",
    "מאשר",
    "מאשרת",
    "אוקיי",
    "אוקי",
    "מצוין",
    "בסדר",
    "מדויק",
    "yes",
    "yeah",
    "correct",
    "right",
    "да",
    "верно",
    "نعم",
    "صحيح",
];
const NO: &[&str] = &[
    "לא",
    "טעות",
    "שגוי",
    "no",
    "nope",
    "wrong",
    "нет",
    "неверно",
    "لا",
    "خطأ",
];

/// Reads a yes or a no; a sentence with both is unclear, unless it begins with one of them.
pub fn consent(text: &str) -> Consent {
    let plain = plain(text);
    let mut words = plain.split(' ');
    let first = words.clone().next().unwrap_or_default();
    let yes = words.clone().any(|word| YES.contains(&word));
    let no = words.any(|word| NO.contains(&word));
    match (yes, no) {
        (true, false) => Consent::Yes,
        (false, true) => Consent::No,
        (true, true) if NO.contains(&first) => Consent::No,
        _ => Consent::Unclear,
    }
}

const DIGITS: &[(&str, char)] = &[
    ("אפס", '0'),
    ("אחת", '1'),
    ("אחד", '1'),
    ("שתיים", '2'),
    ("שניים", '2'),
    ("שתים", '2'),
    ("שתי", '2'),
    ("שלוש", '3'),
    ("שלושה", '3'),
    ("ארבע", '4'),
    ("ארבעה", '4'),
    ("חמש", '5'),
    ("חמישה", '5'),
    ("שש", '6'),
    ("שישה", '6'),
    ("שבע", '7'),
    ("שבעה", '7'),
    ("שמונה", '8'),
    ("תשע", '9'),
    ("תשעה", '9'),
    ("zero", '0'),
    ("oh", '0'),
    ("one", '1'),
    ("two", '2'),
    ("three", '3'),
    ("four", '4'),
    ("five", '5'),
    ("six", '6'),
    ("seven", '7'),
    ("eight", '8'),
    ("nine", '9'),
    ("ноль", '0'),
    ("один", '1'),
    ("два", '2'),
    ("три", '3'),
    ("четыре", '4'),
    ("пять", '5'),
    ("шесть", '6'),
    ("семь", '7'),
    ("восемь", '8'),
    ("девять", '9'),
    ("صفر", '0'),
    ("واحد", '1'),
    ("اثنين", '2'),
    ("ثلاثة", '3'),
    ("اربعة", '4'),
    ("خمسة", '5'),
    ("ستة", '6'),
    ("سبعة", '7'),
    ("ثمانية", '8'),
    ("تسعة", '9'),
];

/// The digits of a spoken number, in order: numerals and digit words; a leading plus is kept.
pub fn digits(text: &str) -> String {
    let mut digits = String::new();
    if text.trim_start().starts_with('+') {
        digits.push('+');
    }
    for word in plain(text).split(' ') {
        let bare = word.strip_prefix('ו').unwrap_or(word);
        if let Some((_, digit)) = DIGITS.iter().find(|(name, _)| *name == word || *name == bare) {
            digits.push(*digit);
        } else {
            digits.extend(
                word.chars()
                    .filter_map(|c| c.to_digit(10))
                    .filter_map(|digit| char::from_digit(digit, 10)),
            );
        }
    }
    digits
}

const BACKCHANNEL: &[&str] = &[
    "אה",
    "אהה",
    "אההה",
    "אהם",
    "אהמ",
    "אהממ",
    "אמ",
    "אם אם",
    "אממ",
    "אמממ",
    "המ",
    "הממ",
    "המם",
    "הממם",
    "ממ",
    "ממם",
    "מממ",
    "אהא",
    "אהה אהה",
    "אוקיי",
    "אוקי",
    "כן",
    "כן כן",
    "הבנתי",
    "mm",
    "mmm",
    "hmm",
    "hm",
    "mhm",
    "ahem",
    "uh huh",
    "uh",
    "um",
    "ah",
    "oh",
    "ok",
    "okay",
    "yeah",
    "ага",
    "угу",
    "да",
    "эм",
];

/// A sound that says «go on»: it is no answer while the agent speaks.
pub fn is_backchannel(text: &str) -> bool {
    BACKCHANNEL.contains(&plain(text).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_person_is_asked_for_in_many_words() {
        for text in [
            "נציג",
            "נציג בבקשה!",
            "תעביר אותי לנציג",
            "אני רוצה לדבר עם בן אדם.",
            "אפשר לבן־אדם?",
            "תן לי מישהו אמיתי",
            "I want a human, please",
            "Соедините с оператором, оператора!",
        ] {
            assert!(asks_for_person(text), "{text}");
        }
    }

    #[test]
    fn talking_about_a_person_is_not_asking_for_one() {
        for text in [
            "אני נציג של חברת ביטוח",
            "לא נציג",
            "בלי נציג בבקשה",
            "שלום, קוראים לי דנה",
            "",
            "הנציגות שלכם בחיפה",
        ] {
            assert!(!asks_for_person(text), "{text}");
        }
    }

    #[test]
    fn a_call_back_is_asked_for_and_promised() {
        for text in [
            "אפשר לחזור אליי מחר בבוקר.",
            "תחזרו אליי בבקשה כשתוכלו.",
            "אני רוצה שיחזרו אליי",
            "תתקשרו בבקשה אלינו",
            "Please call me back",
        ] {
            assert!(asks_for_callback(text), "{text}");
        }
        for text in [
            "אני אחזור אליכם",
            "אל תחזרו אליי",
            "לא צריך לחזור אליי",
            "רוצה לחזור הביתה",
            "",
        ] {
            assert!(!asks_for_callback(text), "{text}");
        }
        for text in [
            "רשמתי, ומישהו מהצוות יחזור אליכם בהקדם.",
            "נחזור אליכם מחר.",
            "We will get back to you.",
        ] {
            assert!(promises_callback(text), "{text}");
        }
        for text in ["רוצים שנחזור אליכם?", "אם תרצו נחזור אליכם.", "במה אפשר לעזור?"]
        {
            assert!(!promises_callback(text), "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_told_apart() {
        assert_eq!(consent("כן, נכון"), Consent::Yes);
        assert_eq!(consent("לא, זו טעות"), Consent::No);
        assert_eq!(consent("לא, כן אבל"), Consent::No);
        assert_eq!(consent("לא נכון"), Consent::No);
        assert_eq!(consent("מה?"), Consent::Unclear);
    }

    #[test]
    fn a_number_is_read_from_numerals_and_words() {
        assert_eq!(digits("050-123 45 67"), "0501234567");
        assert_eq!(digits("אפס חמש אפס, אחת שתיים שלוש, ארבע חמש שש ושבע"), "0501234567");
        assert_eq!(digits("+972 50 123"), "+97250123");
        assert_eq!(digits("אין לי"), "");
    }

    #[test]
    fn go_on_is_not_an_answer() {
        for sound in ["אהה...", "אהמ", "הממ", "אוקיי!", "Mhm."] {
            assert!(is_backchannel(sound), "{sound}");
        }
        assert!(is_backchannel("כן."));
        assert!(!is_backchannel("כן, אבל מתי?"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,120}") {
            let _ = (asks_for_person(&text), consent(&text), digits(&text), is_backchannel(&text));
        }
    }
}
