//! Numbers as a Hebrew speaker reads them: amounts in words, hours with their minutes, phones digit by digit.

use super::words;

/// Longer ones, and those that begin with a zero, are codes or phones: they are read digit by digit.
const LONGEST_AMOUNT: usize = 6;

/// Hebrew counts things of two genders with two sets of words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Feminine,
    Masculine,
}

/// The phonemes of a token's digits; `token` holds digits and marks only, such as `9:30`, `1,500`, `050-1234567`, `3.5`.
pub(super) fn spoken(token: &str, counted: Counted) -> String {
    let token = token.trim_matches(|character: char| !character.is_ascii_digit());
    if let Some((hour, minutes)) = hour(token) {
        return and(&feminine(hour), &minutes_after(minutes));
    }
    let amount: String = token.split(',').collect();
    if let Some((whole, part)) = amount.split_once('.') {
        return format!("{} nekud'a {}", one(whole, counted), digits(part));
    }
    let runs: Vec<&str> = amount
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect();
    if runs.iter().any(|run| is_code(run)) {
        return digits(&amount);
    }
    runs.iter().map(|run| one(run, counted)).collect::<Vec<_>>().join(" ")
}

fn is_code(run: &str) -> bool {
    run.len() > LONGEST_AMOUNT || (run.len() > 1 && run.starts_with('0'))
}

fn one(run: &str, counted: Counted) -> String {
    match run.parse::<u32>() {
        Ok(value) if !is_code(run) => amount(value, counted),
        _ => digits(run),
    }
}

pub(super) fn digits(text: &str) -> String {
    text.chars().filter_map(words::digit).collect::<Vec<_>>().join(" ")
}

/// `9:30`, and nothing else.
fn hour(token: &str) -> Option<(u32, u32)> {
    let (hour, minutes) = token.split_once(':')?;
    let value = |text: &str, below: u32| {
        text.parse::<u32>()
            .ok()
            .filter(|value| text.len() <= 2 && *value < below)
    };
    if minutes.len() != 2 {
        return None;
    }
    let hour = value(hour, 24)?;
    Some((if hour > 12 { hour - 12 } else { hour }, value(minutes, 60)?))
}

fn minutes_after(minutes: u32) -> String {
    match minutes {
        0 => String::new(),
        15 => "R'eva".to_owned(),
        30 => "X'etsi".to_owned(),
        _ => feminine(minutes),
    }
}

fn feminine(value: u32) -> String {
    amount(value, Counted::Feminine)
}

/// 0 to 999,999.
fn amount(value: u32, counted: Counted) -> String {
    if value == 0 {
        return "'efes".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    parts.extend(thousands(value / 1_000));
    parts.extend(pick(&HUNDREDS, value / 100 % 10));
    let rest = value % 100;
    if rest >= 20 {
        parts.extend(pick(&TENS, rest / 10));
        parts.extend(pick(units(counted), rest % 10));
    } else {
        parts.extend(pick(units(counted), rest));
    }
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        last
    } else {
        and(&parts.join(" "), &last)
    }
}

fn and(first: &str, last: &str) -> String {
    match last {
        "" => first.to_owned(),
        _ => format!("{first} ve{last}"),
    }
}

fn thousands(value: u32) -> Option<String> {
    match value {
        0 => None,
        1..=10 => pick(&THOUSANDS, value),
        _ => Some(format!("{} 'elef", amount(value, Counted::Masculine))),
    }
}

fn pick(words: &[&str], at: u32) -> Option<String> {
    let word = words.get(usize::try_from(at).ok()?)?;
    (!word.is_empty()).then(|| (*word).to_owned())
}

const fn units(counted: Counted) -> &'static [&'static str] {
    match counted {
        Counted::Feminine => &FEMININE,
        Counted::Masculine => &MASCULINE,
    }
}

const FEMININE: [&str; 20] = [
    "",
    "aX'at",
    "St'ajim",
    "Sal'oS",
    "'aRba",
    "Xam'eS",
    "S'eS",
    "S'eva",
    "Sm'one",
    "t'eSa",
    "'eseR",
    "aX'at esR'e",
    "St'ejm esR'e",
    "Sl'oS esR'e",
    "aRb'a esR'e",
    "Xam'eS esR'e",
    "S'eS esR'e",
    "Sv'a esR'e",
    "Smon'e esR'e",
    "tS'a esR'e",
];
const MASCULINE: [&str; 20] = [
    "",
    "eX'ad",
    "Sn'ajim",
    "SloS'a",
    "aRba'a",
    "XamiS'a",
    "SiS'a",
    "Siv'a",
    "Smon'a",
    "tiS'a",
    "asaR'a",
    "aX'ad as'aR",
    "Sn'ejm as'aR",
    "SloS'a as'aR",
    "aRba'a as'aR",
    "XamiS'a as'aR",
    "SiS'a as'aR",
    "Siv'a as'aR",
    "Smon'a as'aR",
    "tiS'a as'aR",
];
const TENS: [&str; 10] = [
    "", "", "esR'im", "SloS'im", "aRba'im", "XamiS'im", "SiS'im", "Siv'im", "Smon'im", "tiS'im",
];
const HUNDREDS: [&str; 10] = [
    "",
    "me'a",
    "mat'ajim",
    "Sl'oS me'ot",
    "aRb'a me'ot",
    "Xam'eS me'ot",
    "S'eS me'ot",
    "Sv'a me'ot",
    "Smon'e me'ot",
    "tS'a me'ot",
];
const THOUSANDS: [&str; 11] = [
    "",
    "'elef",
    "alp'ajim",
    "Sl'oSet alaf'im",
    "aRb'aat alaf'im",
    "Xam'eSet alaf'im",
    "S'eSet alaf'im",
    "Siv'at alaf'im",
    "Smon'at alaf'im",
    "tiS'at alaf'im",
    "as'eRet alaf'im",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(token: &str) -> String {
        spoken(token, Counted::Masculine)
    }

    #[test]
    fn amounts_are_said_in_words() {
        assert_eq!(said("0"), "'efes");
        assert_eq!(said("12"), "Sn'ejm as'aR");
        assert_eq!(said("250"), "mat'ajim veXamiS'im");
        assert_eq!(said("1,500"), "'elef veXam'eS me'ot");
        assert_eq!(said("21,304"), "esR'im veeX'ad 'elef Sl'oS me'ot veaRba'a");
        assert_eq!(said("3.5"), "SloS'a nekud'a Xam'eS");
        assert_eq!(spoken("3", Counted::Feminine), "Sal'oS");
    }

    #[test]
    fn phones_and_codes_are_said_digit_by_digit() {
        assert_eq!(said("050-123"), "'efes Xam'eS 'efes aX'at St'ajim Sal'oS");
        assert_eq!(said("1234567"), "aX'at St'ajim Sal'oS 'aRba Xam'eS S'eS S'eva");
    }

    #[test]
    fn hours_are_said_with_their_minutes() {
        assert_eq!(said("9:30"), "t'eSa veX'etsi");
        assert_eq!(said("17:00"), "Xam'eS");
        assert_eq!(said("10:45"), "'eseR veaRba'im veXam'eS");
    }

    #[test]
    fn every_number_up_to_a_million_can_be_said() {
        for value in (0..1_000_000).step_by(37) {
            let said = amount(value, Counted::Feminine);
            assert!(
                said.is_ascii() && !said.contains("  ") && !said.ends_with(' '),
                "{value}: {said}"
            );
        }
    }
}
