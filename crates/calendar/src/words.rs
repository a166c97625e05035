//! A moment as it is written in a sentence.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::zone::local;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    He,
    En,
}

impl Language {
    /// By a tag such as `en-US`; Hebrew unless it is English.
    pub fn of(tag: &str) -> Self {
        if tag.starts_with("en") { Self::En } else { Self::He }
    }
}

/// `at` as seen at `now`, both by the clock of `zone`.
///
/// «היום בשעה 9:00», «מחר בשעה 9:00», «אתמול בשעה 17:00»; within six days ahead «יום א׳ בשעה 9:00» (Saturday is
/// «שבת»); further «יום א׳ 29.11 בשעה 9:00», in another year «יום א׳ 3.1.2027 בשעה 9:00». English alike: «today at
/// 9:00», «Sunday at 9:00», «Sunday 29 Nov at 9:00». Empty outside the years 1800–2400.
pub fn moment(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let (Some(at), Some(now)) = (local(zone, at), local(zone, now)) else {
        return String::new();
    };
    let time = format!("{}:{:02}", at.hour(), at.minute());
    match language {
        Language::He => format!("{} בשעה {time}", day_he(at, now)),
        Language::En => format!("{} at {time}", day_en(at, now)),
    }
}

fn days_ahead(at: NaiveDateTime, now: NaiveDateTime) -> i64 {
    (at.date() - now.date()).num_days()
}

fn day_he(at: NaiveDateTime, now: NaiveDateTime) -> String {
    let weekday = match at.weekday() {
        Weekday::Sun => "יום א׳",
        Weekday::Mon => "יום ב׳",
        Weekday::Tue => "יום ג׳",
        Weekday::Wed => "יום ד׳",
        Weekday::Thu => "יום ה׳",
        Weekday::Fri => "יום ו׳",
        Weekday::Sat => "שבת",
    };
    match days_ahead(at, now) {
        -1 => "אתמול".to_owned(),
        0 => "היום".to_owned(),
        1 => "מחר".to_owned(),
        2..=6 => weekday.to_owned(),
        _ if at.year() == now.year() => format!("{weekday} {}", at.format("%-d.%-m")),
        _ => format!("{weekday} {}", at.format("%-d.%-m.%Y")),
    }
}

fn day_en(at: NaiveDateTime, now: NaiveDateTime) -> String {
    match days_ahead(at, now) {
        -1 => "yesterday".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => at.format("%A").to_string(),
        _ if at.year() == now.year() => at.format("%A %-d %b").to_string(),
        _ => at.format("%A %-d %b %Y").to_string(),
    }
}
