//! What the stand-in's receptionist sounds like: its own sentences as phonemes, and a rough reading of any other Hebrew.

/// Its sentences: text and espeak-ng phonemes.
pub const SENTENCES: &[(&str, &str)] = &[
    ("שלום, כאן המענה הדיגיטלי.", "Sal'om, kan hama'ane hadigit'ali."),
    ("איך קוראים לכם?", "'eiX koR'im laX'em?"),
    ("נעים מאוד.", "na'im me'od."),
    ("במה נוכל לעזור?", "bam'e nuX'al la'azoR?"),
    (
        "רשמתי את הפרטים, ומישהו מהצוות יחזור אליכם בהקדם, בדרך כלל עוד באותו היום.",
        "RaS'amti et hapRat'im, umiS'ehu mehats'evet jaXz'oR aleiX'em behekd'em, bed'eReX klal od be'oto haj'om.",
    ),
    ("יש עוד משהו שנוכל לעזור בו?", "jeS od m'aSehu SenuX'al la'azoR bo?"),
    ("מיד מעבירים אתכם לנציג.", "mij'ad ma'aviR'im etX'em lenats'ig."),
    (
        "אין כרגע נציג פנוי, ונחזור אליכם בהקדם.",
        "ein kaR'ega nats'ig pan'uj, venaXz'oR aleiX'em behekd'em.",
    ),
    (
        "אין לי תשובה על כך כרגע, ומישהו יחזור אליכם עם תשובה.",
        "ein li tSuv'a al kaX kaR'ega, umiS'ehu jaXz'oR aleiX'em im tSuv'a.",
    ),
    ("בבקשה, מה השאלה?", "bevakaS'a, ma haSe'ela?"),
    ("תודה שהתקשרתם, להתראות.", "tod'a Sehitkas'aRtem, lehitRa'ot."),
    ("רגע אחד בבקשה.", "R'ega eX'ad bevakaS'a."),
    ("רשמתי.", "RaS'amti."),
    (
        "לא שמעתי היטב, אפשר לחזור על זה?",
        "lo Sam'ati heit'ev, efS'aR laXz'oR al ze?",
    ),
];

/// The phonemes of a text, sentence by sentence.
pub fn phonemes(text: &str) -> String {
    let spoken: Vec<String> = sentences(text).map(sentence).collect();
    spoken.join(" ")
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '?', '!', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn sentence(text: &str) -> String {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted = bare(text);
    let own = SENTENCES
        .iter()
        .find(|(known, _)| bare(known) == wanted)
        .map(|(_, phonemes)| (*phonemes).to_owned());
    let line = || {
        crate::lines::LINES
            .iter()
            .find(|line| bare(line.text) == wanted)
            .map(|line| line.phonemes.to_owned())
    };
    own.or_else(line)
        .unwrap_or_else(|| text.split_whitespace().map(word).collect::<Vec<_>>().join(" "))
}

/// A word read by its letters, with an «a» where two consonants meet.
fn word(text: &str) -> String {
    let mut spoken = String::new();
    let letters: Vec<char> = text.chars().collect();
    let mut after_consonant = false;
    for (n, letter) in letters.iter().enumerate() {
        let (first, last) = (n == 0, n + 1 == letters.len());
        let sound = match letter {
            'א' | 'ע' if after_consonant => "a",
            'א' | 'ע' => "'a",
            'ו' if first => "v",
            'ו' if after_consonant => "o",
            'ו' => "u",
            'י' if after_consonant || last => "i",
            'ה' if last => "a",
            ',' => ",",
            '.' | '?' | '!' => ".",
            other => consonant(*other),
        };
        let is_consonant = !sound.is_empty() && !sound.contains(['a', 'o', 'u', 'i', ',', '.']);
        if is_consonant && after_consonant {
            spoken.push('a');
        }
        spoken.push_str(sound);
        after_consonant = is_consonant;
    }
    spoken
}

const fn consonant(letter: char) -> &'static str {
    match letter {
        'ב' => "b",
        'ג' => "g",
        'ד' => "d",
        'ה' => "h",
        'ז' => "z",
        'ח' | 'ך' => "X",
        'ט' | 'ת' => "t",
        'י' => "j",
        'כ' | 'ק' => "k",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'פ' => "p",
        'ף' => "f",
        'צ' | 'ץ' => "ts",
        'ר' => "R",
        'ש' => "S",
        '0' => "'efes",
        '1' => "aX'at",
        '2' => "St'aim",
        '3' => "Sal'oS",
        '4' => "aRb'a",
        '5' => "XameS",
        '6' => "SeS",
        '7' => "S'eva",
        '8' => "Sm'one",
        '9' => "t'eSa",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_sentences_are_said_as_written_down() {
        assert_eq!(
            phonemes("נעים מאוד. במה נוכל לעזור?"),
            "na'im me'od. bam'e nuX'al la'azoR?"
        );
    }

    #[test]
    fn other_hebrew_becomes_phonemes_without_hebrew_letters() {
        let spoken = phonemes("השולחן של דנה מוכן!");
        assert!(spoken.is_ascii() && spoken.len() > 10, "{spoken}");
    }
}
