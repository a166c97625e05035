//! What is known of Hebrew words and letters: a list of words that agents say often, and each letter's usual sound.

use super::{hebrew::Place, numbers::Counted};

/// The words, sorted, with their phonemes.
static WORDS: &[(&str, &str)] = &[
    ("אבל", "av'al"),
    ("אדוני", "adon'i"),
    ("או", "'o"),
    ("אותו", "ot'o"),
    ("אותי", "ot'i"),
    ("אותך", "otX'a"),
    ("אותכם", "etX'em"),
    ("אז", "'az"),
    ("אחד", "eX'ad"),
    ("אחר", "aX'eR"),
    ("אחרי", "aXaR'ej"),
    ("אחת", "aX'at"),
    ("איזה", "'ejze"),
    ("איך", "'eX"),
    ("אין", "'ejn"),
    ("איפה", "'ejfo"),
    ("אל", "el"),
    ("אלה", "'ele"),
    ("אליך", "el'eXa"),
    ("אליכם", "aleX'em"),
    ("אם", "'im"),
    ("אנא", "'ana"),
    ("אנחנו", "an'aXnu"),
    ("אני", "an'i"),
    ("אפשר", "efS'aR"),
    ("אשמח", "esm'aX"),
    ("את", "et"),
    ("אתה", "at'a"),
    ("אתכם", "etX'em"),
    ("אתם", "at'em"),
    ("אתמול", "etm'ol"),
    ("בבוקר", "bab'okeR"),
    ("בבקשה", "bevakaS'a"),
    ("בהקדם", "behekd'em"),
    ("בוקר", "b'okeR"),
    ("ביום", "bej'om"),
    ("בית", "b'ajit"),
    ("בכל", "beX'ol"),
    ("בלילה", "bal'ajla"),
    ("במה", "bam'e"),
    ("בסדר", "bes'edeR"),
    ("בערב", "ba'eRev"),
    ("בצהריים", "batsohoR'ajim"),
    ("בשביל", "biSv'il"),
    ("בשעה", "beSa'a"),
    ("גם", "g'am"),
    ("דקה", "dak'a"),
    ("דקות", "dak'ot"),
    ("הבנתי", "hev'anti"),
    ("הוא", "h'u"),
    ("הודעה", "hoda'a"),
    ("היא", "h'i"),
    ("היום", "haj'om"),
    ("היי", "h'aj"),
    ("היתה", "hajt'a"),
    ("הם", "h'em"),
    ("העסק", "ha'esek"),
    ("הקו", "hak'av"),
    ("השעה", "haSa'a"),
    ("זאת", "z'ot"),
    ("זה", "z'e"),
    ("זמן", "zm'an"),
    ("חוזרים", "XozR'im"),
    ("חמישי", "XamiS'i"),
    ("חמש", "Xam'eS"),
    ("טוב", "t'ov"),
    ("טובה", "tov'a"),
    ("טלפון", "t'elefon"),
    ("יהיה", "jihj'e"),
    ("יודע", "jod'ea"),
    ("יודעת", "jod'aat"),
    ("יום", "j'om"),
    ("יותר", "jot'eR"),
    ("יכול", "jaX'ol"),
    ("יכולה", "jeXol'a"),
    ("יש", "j'eS"),
    ("כאן", "k'an"),
    ("כבר", "kv'aR"),
    ("כדי", "ked'ej"),
    ("כל", "k'ol"),
    ("כמה", "k'ama"),
    ("כן", "k'en"),
    ("כרגע", "kaR'ega"),
    ("לא", "l'o"),
    ("לבדוק", "livd'ok"),
    ("להשאיר", "lehaS'iR"),
    ("להתראות", "lehitRa'ot"),
    ("לו", "l'o"),
    ("לומר", "lom'aR"),
    ("לחזור", "laXz'oR"),
    ("לי", "l'i"),
    ("לך", "leX'a"),
    ("לכם", "laX'em"),
    ("למה", "l'ama"),
    ("לנו", "l'anu"),
    ("לעזור", "laaz'oR"),
    ("לקבוע", "likb'oa"),
    ("לקוח", "lak'oaX"),
    ("מאוד", "me'od"),
    ("מבינה", "mevin'a"),
    ("מה", "m'a"),
    ("מחר", "maX'aR"),
    ("מי", "m'i"),
    ("מספר", "misp'aR"),
    ("מצטער", "mitsta'eR"),
    ("מצטערת", "mitsta'eRet"),
    ("משהו", "m'aSehu"),
    ("מתי", "mat'aj"),
    ("נוח", "n'oaX"),
    ("נחזור", "naXz'oR"),
    ("נכון", "naX'on"),
    ("נעים", "na'im"),
    ("נציג", "nats'ig"),
    ("סליחה", "sliX'a"),
    ("עד", "'ad"),
    ("עוד", "'od"),
    ("עכשיו", "aXS'av"),
    ("על", "al"),
    ("עם", "'im"),
    ("ערב", "'eRev"),
    ("פגישה", "pgiS'a"),
    ("פה", "p'o"),
    ("צריך", "tsaR'iX"),
    ("צריכה", "tsRiX'a"),
    ("ראשון", "RiS'on"),
    ("רביעי", "Revi'i"),
    ("רגע", "R'ega"),
    ("רוצה", "Rots'e"),
    ("רק", "R'ak"),
    ("רשמתי", "RaS'amti"),
    ("שבוע", "Sav'ua"),
    ("שבת", "Sab'at"),
    ("שח", "Skal'im"),
    ("שיחה", "siX'a"),
    ("שישי", "SiS'i"),
    ("של", "Sel"),
    ("שלום", "Sal'om"),
    ("שלוש", "Sal'oS"),
    ("שלי", "Sel'i"),
    ("שלישי", "SliS'i"),
    ("שלך", "SelX'a"),
    ("שלכם", "SelaX'em"),
    ("שם", "S'em"),
    ("שמי", "Sm'i"),
    ("שני", "Sen'i"),
    ("שעה", "Sa'a"),
    ("שקל", "S'ekel"),
    ("שקלים", "Skal'im"),
    ("תודה", "tod'a"),
    ("תור", "t'oR"),
    ("תשובה", "tSuv'a"),
];

pub(super) fn known(word: &str) -> Option<&'static str> {
    let at = WORDS.binary_search_by_key(&word, |(written, _)| written).ok()?;
    WORDS.get(at).map(|(_, spoken)| *spoken)
}

/// A letter that stands before a word as a word of its own.
pub(super) const fn prefix(letter: char) -> Option<&'static str> {
    match letter {
        'ו' => Some("ve"),
        'ה' => Some("ha"),
        'ב' => Some("be"),
        'ל' => Some("le"),
        'מ' => Some("mi"),
        'ש' => Some("Se"),
        'כ' => Some("ke"),
        _ => None,
    }
}

/// A digit's name, in the form that counting takes.
pub(super) const fn digit(character: char) -> Option<&'static str> {
    match character {
        '0' => Some("'efes"),
        '1' => Some("aX'at"),
        '2' => Some("St'ajim"),
        '3' => Some("Sal'oS"),
        '4' => Some("'aRba"),
        '5' => Some("Xam'eS"),
        '6' => Some("S'eS"),
        '7' => Some("S'eva"),
        '8' => Some("Sm'one"),
        '9' => Some("t'eSa"),
        _ => None,
    }
}

/// The name of a sign, in the plural.
pub(super) fn sign(sign: &str) -> Option<&'static str> {
    match sign {
        "%" => Some("aXuz'im"),
        "₪" => Some("Skal'im"),
        "$" => Some("d'olaR"),
        _ => None,
    }
}

/// Things of masculine gender that agents count.
static MASCULINE: &[&str] = &[
    "אחוז",
    "אחוזים",
    "אלף",
    "אנשים",
    "דולר",
    "חדרים",
    "חודשים",
    "ימים",
    "מטר",
    "מטרים",
    "קילומטר",
    "שבועות",
    "שקל",
    "שקלים",
    "ש\"ח",
    "ש״ח",
    "שח",
];

/// How a number is counted, by its own sign or the word after it.
pub(super) fn counted(token: &str, next: Option<&str>) -> Counted {
    let of_sign = token.contains(['%', '₪', '$']);
    let after = next
        .unwrap_or_default()
        .trim_matches(|character: char| matches!(character, ',' | '.' | '?' | '!' | ':'));
    if of_sign || MASCULINE.contains(&after) {
        Counted::Masculine
    } else {
        Counted::Feminine
    }
}

pub(super) fn is_vowel(sound: &str) -> bool {
    matches!(sound, "a" | "e" | "i" | "o" | "u")
}

/// What a letter is most often heard as where it stands; empty when it is silent.
pub(super) fn sound(letter: char, place: &Place) -> &'static str {
    match letter {
        'ב' if place.first => "b",
        'ב' => "v",
        'ג' => "g",
        'ד' => "d",
        'ז' => "z",
        'ט' | 'ת' => "t",
        'כ' if place.first => "k",
        'ח' | 'כ' | 'ך' => "X",
        'ל' => "l",
        'מ' | 'ם' => "m",
        'נ' | 'ן' => "n",
        'ס' => "s",
        'פ' if place.first => "p",
        'פ' | 'ף' => "f",
        'צ' | 'ץ' => "ts",
        'ק' => "k",
        'ר' => "R",
        'ש' => "S",
        'ה' if place.last => vowel_or_silence(place, "a"),
        'ה' => "h",
        'א' | 'ע' => vowel_or_silence(place, "a"),
        'ו' => waw(place),
        'י' => yod(place),
        _ => "",
    }
}

const fn vowel_or_silence(place: &Place, vowel: &'static str) -> &'static str {
    if place.after_vowel { "" } else { vowel }
}

fn waw(place: &Place) -> &'static str {
    if place.first || place.after_vowel || place.next == Some('ו') {
        "v"
    } else {
        "o"
    }
}

fn yod(place: &Place) -> &'static str {
    if place.first || place.after_vowel || place.next == Some('י') {
        "j"
    } else {
        "i"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_holds_no_hebrew_on_its_spoken_side() {
        assert!(WORDS.is_sorted_by(|(one, _), (other, _)| one < other));
        for (written, spoken) in WORDS {
            assert!(spoken.is_ascii(), "{written}");
        }
    }
}
