//! When somebody wants to be called back, from their words: «מחר בבוקר», «ביום שלישי אחרי ארבע», «בעוד שעתיים».
//!
//! Times are the business's own clock. Whether it is open then is decided elsewhere.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

/// A time that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub at: NaiveDateTime,
    /// As it was said.
    pub words: String,
}

/// When a day begins for whoever names no hour.
const MORNING_HOUR: u32 = 9;
const HOUR_MINUTES: i64 = 60;
const DAYS_OF_A_WEEK: u64 = 7;
/// «In N hours» of more than this is no time for a call.
const MOST_MINUTES: i64 = 24 * HOUR_MINUTES;

const WEEKDAYS: [(&str, Weekday); 14] = [
    ("ראשון", Weekday::Sun),
    ("שני", Weekday::Mon),
    ("שלישי", Weekday::Tue),
    ("רביעי", Weekday::Wed),
    ("חמישי", Weekday::Thu),
    ("שישי", Weekday::Fri),
    ("שבת", Weekday::Sat),
    ("sunday", Weekday::Sun),
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
];
const HOURS: [(&str, u32); 14] = [
    ("אחת", 1),
    ("שתיים", 2),
    ("שתים", 2),
    ("שלוש", 3),
    ("ארבע", 4),
    ("חמש", 5),
    ("שש", 6),
    ("שבע", 7),
    ("שמונה", 8),
    ("תשע", 9),
    ("עשר", 10),
    ("אחת עשרה", 11),
    ("שתים עשרה", 12),
    ("שתיים עשרה", 12),
];
/// What may be written together with the day that follows it.
const LEADS: [char; 3] = ['ב', 'ל', 'מ'];

/// A part of a day, by the hour at which it begins for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

impl Part {
    const fn hour(self) -> u32 {
        match self {
            Self::Morning => MORNING_HOUR,
            Self::Noon => 12,
            Self::Afternoon => 15,
            Self::Evening => 18,
        }
    }

    /// «Four» is in the afternoon unless it was said to be in the morning.
    const fn of_day(part: Option<Self>, hour: u32) -> u32 {
        match (part, hour) {
            (Some(Self::Morning), 12) => 0,
            (Some(Self::Morning), hour) => hour,
            (Some(Self::Noon), 10..=12) | (None, 7..=12) => hour,
            (Some(_) | None, 1..=11) => hour + 12,
            (_, hour) => hour,
        }
    }
}

#[derive(Default)]
struct Heard {
    day: Option<NaiveDate>,
    part: Option<Part>,
    clock: Option<(u32, u32)>,
    after: Option<TimeDelta>,
    /// The first and the last word that belong to it.
    span: Option<(usize, usize)>,
}

impl Heard {
    fn reaches(&mut self, from: usize, to: usize) {
        let (first, _) = self.span.unwrap_or((from, to));
        self.span = Some((first, to));
    }

    fn at(&self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        if let Some(after) = self.after {
            return now.checked_add_signed(after);
        }
        let time = match (self.clock, self.part) {
            (Some((hour, minute)), part) => {
                let hour = if hour > 12 { hour } else { Part::of_day(part, hour) };
                NaiveTime::from_hms_opt(hour, minute, 0)
            }
            (None, Some(part)) => NaiveTime::from_hms_opt(part.hour(), 0, 0),
            (None, None) => None,
        };
        match (self.day, time) {
            (Some(day), Some(time)) => Some(day.and_time(time)),
            (Some(day), None) if day == now.date() => now.checked_add_signed(TimeDelta::minutes(HOUR_MINUTES)),
            (Some(day), None) => day.and_hms_opt(MORNING_HOUR, 0, 0),
            (None, Some(time)) if time > now.time() => Some(now.date().and_time(time)),
            (None, Some(time)) => now.date().checked_add_days(Days::new(1)).map(|day| day.and_time(time)),
            (None, None) => None,
        }
    }
}

/// The time that the words name, as heard at `now`; `None` when they name none.
pub fn when(text: &str, now: NaiveDateTime) -> Option<Wish> {
    let said: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(edge)).collect();
    let plain: Vec<String> = said.iter().map(|word| word.to_lowercase().replace('־', "-")).collect();
    let words: Vec<&str> = plain.iter().map(String::as_str).collect();
    let mut heard = Heard::default();
    let mut at = 0;
    while at < words.len() {
        let rest = words.get(at..).unwrap_or_default();
        let taken = take(rest, at, now, &mut heard);
        if taken > 0 {
            heard.reaches(at, at + taken - 1);
        }
        at += taken.max(1);
    }
    let (first, last) = heard.span?;
    Some(Wish {
        at: heard.at(now)?,
        words: said.get(first..=last).unwrap_or_default().join(" "),
    })
}

fn edge(c: char) -> bool {
    matches!(c, ',' | '.' | '!' | '?' | ';' | ':' | '"' | '״' | '(' | ')' | '–')
}

/// How many words from here on say something of the time; what they say goes into `heard`.
fn take(rest: &[&str], at: usize, now: NaiveDateTime, heard: &mut Heard) -> usize {
    if let Some((after, taken)) = in_a_while(rest) {
        heard.after.get_or_insert(after);
        return taken;
    }
    if let Some((day, taken)) = day(rest, now) {
        heard.day.get_or_insert(day);
        return taken;
    }
    if let Some((part, taken)) = part(rest) {
        heard.part.get_or_insert(part);
        if matches!(rest.first(), Some(&"הערב")) {
            heard.day.get_or_insert(now.date());
        }
        return taken;
    }
    // A bare number is a time only where a day or a part of one stands right before it.
    let follows = heard.span.is_some_and(|(_, last)| last + 1 == at);
    match clock(rest, follows) {
        Some((time, taken)) => {
            heard.clock.get_or_insert(time);
            taken
        }
        None => 0,
    }
}

/// «בעוד שעתיים», «עוד חצי שעה», «in 20 minutes».
fn in_a_while(rest: &[&str]) -> Option<(TimeDelta, usize)> {
    if !matches!(rest.first()?, &("בעוד" | "עוד" | "in")) {
        return None;
    }
    let (minutes, taken) = match (rest.get(1).copied()?, rest.get(2).copied().unwrap_or_default()) {
        ("חצי", "שעה") => (30, 3),
        ("רבע", "שעה") => (15, 3),
        ("שעה", "וחצי") => (90, 3),
        ("שעה", _) => (HOUR_MINUTES, 2),
        ("שעתיים", _) => (2 * HOUR_MINUTES, 2),
        ("an", "hour") => (HOUR_MINUTES, 3),
        (count, "דקות" | "minutes") => (number(count)?, 3),
        (count, "שעות" | "hours") => (number(count)?.checked_mul(HOUR_MINUTES)?, 3),
        _ => return None,
    };
    (1..=MOST_MINUTES)
        .contains(&minutes)
        .then(|| (TimeDelta::minutes(minutes), taken))
}

fn number(word: &str) -> Option<i64> {
    let named = HOURS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, hour)| i64::from(*hour));
    named.or_else(|| word.parse().ok())
}

fn day(rest: &[&str], now: NaiveDateTime) -> Option<(NaiveDate, usize)> {
    let first = *rest.first()?;
    let bare = first.strip_prefix(LEADS).unwrap_or_default();
    let is = |word: &str| first == word || bare == word;
    let ahead = [("היום", 0), ("מחר", 1), ("מחרתיים", 2), ("today", 0), ("tomorrow", 1)];
    if let Some((_, days)) = ahead.iter().find(|(word, _)| is(word)) {
        return Some((now.date().checked_add_days(Days::new(*days))?, 1));
    }
    let named = |word: &str| WEEKDAYS.iter().find(|(name, _)| *name == word).map(|(_, day)| *day);
    let a_town = rest.get(1) == Some(&"לציון");
    let (weekday, taken) = match named(bare)
        .filter(|_| !a_town)
        .or_else(|| named(first).filter(|_| first.is_ascii()))
    {
        Some(weekday) => (weekday, 1),
        None if is("יום") => (named(rest.get(1)?)?, 2),
        None => return None,
    };
    let ahead = u64::from(weekday.days_since(now.weekday()));
    let next_week = matches!(rest.get(taken..taken + 2), Some(["בשבוע" | "שבוע", "הבא"]));
    // On a Sunday «on Sunday» is the next one.
    let mut days = if ahead == 0 { DAYS_OF_A_WEEK } else { ahead };
    if next_week && u64::from(now.weekday().num_days_from_sunday()) + days < DAYS_OF_A_WEEK {
        days += DAYS_OF_A_WEEK;
    }
    let day = now.date().checked_add_days(Days::new(days))?;
    Some((day, taken + if next_week { 2 } else { 0 }))
}

fn part(rest: &[&str]) -> Option<(Part, usize)> {
    let noon = |word: &str| {
        ["צהריים", "צהרים"]
            .iter()
            .any(|noon| word == *noon || word.strip_prefix(['ה', 'ב']) == Some(noon))
    };
    Some(match (*rest.first()?, rest.get(1).copied().unwrap_or_default()) {
        ("אחר" | "אחרי", next) if noon(next) => (Part::Afternoon, 2),
        ("אחה\"צ" | "אחהצ" | "אחה״צ", _) => (Part::Afternoon, 1),
        ("in", "the") => (english_part(rest.get(2)?)?, 3),
        ("this", next) => (english_part(next)?, 2),
        ("בבוקר" | "בוקר", _) => (Part::Morning, 1),
        ("בערב" | "הערב" | "ערב", _) => (Part::Evening, 1),
        (word, _) if noon(word) => (Part::Noon, 1),
        (word, _) => (english_part(word)?, 1),
    })
}

fn english_part(word: &str) -> Option<Part> {
    match word {
        "morning" => Some(Part::Morning),
        "noon" => Some(Part::Noon),
        "afternoon" => Some(Part::Afternoon),
        "evening" => Some(Part::Evening),
        _ => None,
    }
}

/// «בעשר», «בשעה 10:30», «אחרי ארבע וחצי», «at 5»; without a word that leads to it only where one may follow.
fn clock(rest: &[&str], follows: bool) -> Option<((u32, u32), usize)> {
    let first = *rest.first()?;
    let lead = ["בשעה", "אחרי", "לקראת", "at", "after", "around"].contains(&first);
    let (word, led) = if lead {
        (*rest.get(1)?, 1)
    } else {
        let bare = first.strip_prefix("ב-").or_else(|| first.strip_prefix('ב'));
        match bare {
            Some(bare) => (bare, 0),
            None if follows => (first, 0),
            None => return None,
        }
    };
    let word = if lead {
        word.strip_prefix('ה').unwrap_or(word)
    } else {
        word
    };
    let after = rest.get(led + 1).copied().unwrap_or_default();
    let (hour, minute, taken) = if let Some((hour, taken)) = hour_of(word, after) {
        (hour, 0, taken)
    } else {
        let (hour, minute) = word.split_once(':')?;
        (hour.parse().ok()?, minute.parse().ok()?, 1)
    };
    if hour > 23 || minute > 59 {
        return None;
    }
    let taken = led + taken;
    Some(match rest.get(taken).copied() {
        Some("וחצי") => ((hour, 30), taken + 1),
        Some("ורבע") => ((hour, 15), taken + 1),
        _ => ((hour, minute), taken),
    })
}

fn hour_of(word: &str, after: &str) -> Option<(u32, usize)> {
    let two = format!("{word} {after}");
    if let Some((_, hour)) = HOURS.iter().find(|(name, _)| *name == two) {
        return Some((*hour, 2));
    }
    let named = HOURS.iter().find(|(name, _)| *name == word).map(|(_, hour)| *hour);
    named
        .or_else(|| word.parse().ok().filter(|hour| (1..=23).contains(hour)))
        .map(|hour| (hour, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("a time")
    }

    /// A Sunday, before dawn.
    fn heard(text: &str) -> Option<(String, String)> {
        when(text, time("2026-11-22T03:19")).map(|wish| (wish.at.format("%Y-%m-%dT%H:%M").to_string(), wish.words))
    }

    #[test]
    fn days_and_hours_are_understood() {
        for (text, at, words) in [
            ("אפשר לחזור אליי מחר בבוקר.", "2026-11-23T09:00", "מחר בבוקר"),
            ("מחר", "2026-11-23T09:00", "מחר"),
            ("מחר בעשר וחצי בבקשה", "2026-11-23T10:30", "מחר בעשר וחצי"),
            (
                "תחזרו אליי ביום שלישי אחרי ארבע",
                "2026-11-24T16:00",
                "ביום שלישי אחרי ארבע",
            ),
            (
                "ביום שני בשבוע הבא בבוקר",
                "2026-11-30T09:00",
                "ביום שני בשבוע הבא בבוקר",
            ),
            ("היום אחר הצהריים", "2026-11-22T15:00", "היום אחר הצהריים"),
            ("בערב, אחרי שבע", "2026-11-22T19:00", "בערב אחרי שבע"),
            ("מחרתיים בשעה 17:45", "2026-11-24T17:45", "מחרתיים בשעה 17:45"),
            ("ביום ראשון בשתים עשרה", "2026-11-29T12:00", "ביום ראשון בשתים עשרה"),
            ("מחר ב-3", "2026-11-23T15:00", "מחר ב-3"),
            ("עדיף למחר", "2026-11-23T09:00", "למחר"),
            ("בשלישי בתשע", "2026-11-24T09:00", "בשלישי בתשע"),
            ("בעוד שעתיים", "2026-11-22T05:19", "בעוד שעתיים"),
            ("עוד 20 דקות", "2026-11-22T03:39", "עוד 20 דקות"),
            ("בשמונה בבוקר", "2026-11-22T08:00", "בשמונה בבוקר"),
            (
                "Call me back tomorrow at 5, please",
                "2026-11-23T17:00",
                "tomorrow at 5",
            ),
        ] {
            assert_eq!(heard(text), Some((at.to_owned(), words.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_names_no_time_is_none() {
        for text in [
            "",
            "תחזרו אליי בבקשה כשתוכלו",
            "בבית שלי",
            "כמה שיותר מהר",
            "אני בת ארבעים",
            "אני גרה בראשון לציון",
            "יש לי שני ילדים",
        ] {
            assert_eq!(heard(text), None, "{text}");
        }
    }

    #[test]
    fn an_hour_that_has_passed_is_tomorrow_s() {
        let wish = when("בעשר בבוקר", time("2026-11-22T12:00")).expect("a wish");
        assert_eq!(wish.at, time("2026-11-23T10:00"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}", words in prop::collection::vec(prop_oneof![
            Just("מחר"), Just("ביום"), Just("שני"), Just("בעוד"), Just("ב-99999999999"), Just("10:99"), Just("אחרי"), Just("בשבוע"), Just("הבא"), Just("שעות"), Just("4000000000"),
        ], 0..8)) {
            let now = time("2026-11-22T03:19");
            let _ = when(&text, now);
            let _ = when(&words.join(" "), now);
        }
    }
}
