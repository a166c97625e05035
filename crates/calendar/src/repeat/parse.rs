//! A rule's text.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use super::{Ends, Frequency, Repeat};
use crate::zone::{Reading, moment};

const LONGEST_TEXT: usize = 500;
const MOST_VALUES: usize = 60;
const WIDEST_INTERVAL: u32 = 1_000;
const MOST_OCCURRENCES: u32 = 10_000;

/// Why a text is not a rule of recurrence, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatError {
    /// `COUNT`, or empty when it is about the whole.
    pub part: String,
    pub reason: &'static str,
}

impl fmt::Display for RepeatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part.is_empty() {
            return f.write_str(self.reason);
        }
        write!(f, "{} {}", self.part, self.reason)
    }
}

impl std::error::Error for RepeatError {}

fn wrong<T>(part: &str, reason: &'static str) -> Result<T, RepeatError> {
    Err(RepeatError {
        part: part.chars().take(40).collect(),
        reason,
    })
}

impl Repeat {
    /// Reads `FREQ=WEEKLY;BYDAY=SU,WE;UNTIL=20271231T220000Z`, with or without `RRULE:` before it. `UNTIL` may be a moment
    /// in UTC, a time of the business's clock, or a day, which then is the last.
    pub fn parse(rule: &str, zone: Tz) -> Result<Self, RepeatError> {
        if rule.len() > LONGEST_TEXT {
            return wrong("", "the rule is too long");
        }
        let rule = rule.trim().to_ascii_uppercase();
        let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
        let mut parts: Vec<(&str, &str)> = Vec::new();
        for part in rule.split(';') {
            let Some((name, value)) = part.split_once('=') else {
                return wrong(part, "is not a part such as FREQ=DAILY");
            };
            if parts.iter().any(|(other, _)| *other == name) {
                return wrong(name, "stands twice");
            }
            parts.push((name, value));
        }
        let mut repeat = Self::every(frequency(&parts)?, zone);
        for (name, value) in parts {
            repeat.put(name, value)?;
        }
        repeat.consistent()
    }

    const fn every(frequency: Frequency, zone: Tz) -> Self {
        Self {
            zone,
            frequency,
            interval: 1,
            ends: Ends::Never,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            by_set_position: Vec::new(),
            week_start: Weekday::Mon,
        }
    }

    fn put(&mut self, name: &str, value: &str) -> Result<(), RepeatError> {
        match name {
            "FREQ" => {}
            "INTERVAL" => self.interval = count(name, value, WIDEST_INTERVAL)?,
            "COUNT" | "UNTIL" if self.ends != Ends::Never => return wrong("", "COUNT and UNTIL exclude each other"),
            "COUNT" => self.ends = Ends::Count(count(name, value, MOST_OCCURRENCES)?),
            "UNTIL" => self.ends = Ends::Until(until(value, self.zone)?),
            "BYDAY" => self.by_day = list(name, value, weekday)?,
            "BYMONTHDAY" => self.by_month_day = list(name, value, |one| signed(one, 31))?,
            "BYMONTH" => self.by_month = list(name, value, |one| signed(one, 12).filter(|month| *month > 0))?,
            "BYSETPOS" => self.by_set_position = list(name, value, |one| signed(one, 366))?,
            "WKST" => match weekday(value) {
                Some((None, day)) => self.week_start = day,
                _ => return wrong(name, "is a day such as SU"),
            },
            "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYWEEKNO" | "BYYEARDAY" => return wrong(name, "is not supported"),
            _ => return wrong(name, "is not a part of a rule"),
        }
        Ok(())
    }

    /// Refuses what RFC 5545 forbids, and what never comes.
    fn consistent(self) -> Result<Self, RepeatError> {
        let ordinals = self.by_day.iter().any(|(ordinal, _)| ordinal.is_some());
        if ordinals && matches!(self.frequency, Frequency::Daily | Frequency::Weekly) {
            return wrong("BYDAY", "has numbers only with MONTHLY and YEARLY");
        }
        let within_month = self.frequency == Frequency::Monthly || !self.by_month.is_empty();
        if within_month
            && self
                .by_day
                .iter()
                .any(|(ordinal, _)| ordinal.is_some_and(|at| at.abs() > 5))
        {
            return wrong("BYDAY", "names a day that no month has");
        }
        if self.frequency == Frequency::Weekly && !self.by_month_day.is_empty() {
            return wrong("BYMONTHDAY", "does not go with WEEKLY");
        }
        let chooses = !(self.by_day.is_empty() && self.by_month_day.is_empty() && self.by_month.is_empty());
        if !self.by_set_position.is_empty() && !chooses {
            return wrong("BYSETPOS", "needs BYDAY, BYMONTHDAY or BYMONTH");
        }
        let longest = self.by_month.iter().map(|month| longest_month(*month)).max();
        let earliest = self.by_month_day.iter().map(|day| day.abs()).min();
        if let (Some(longest), Some(earliest)) = (longest, earliest)
            && earliest > longest
        {
            return wrong("BYMONTHDAY", "is a day that these months do not have");
        }
        Ok(self)
    }
}

const fn longest_month(month: i32) -> i32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn frequency(parts: &[(&str, &str)]) -> Result<Frequency, RepeatError> {
    match parts.iter().find(|(name, _)| *name == "FREQ").map(|(_, value)| *value) {
        Some("DAILY") => Ok(Frequency::Daily),
        Some("WEEKLY") => Ok(Frequency::Weekly),
        Some("MONTHLY") => Ok(Frequency::Monthly),
        Some("YEARLY") => Ok(Frequency::Yearly),
        Some(_) => wrong("FREQ", "is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        None => wrong("FREQ", "is missing"),
    }
}

fn count(name: &str, value: &str, most: u32) -> Result<u32, RepeatError> {
    match value.parse::<u32>() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        Ok(_) => wrong(name, "is out of range"),
        Err(_) => wrong(name, "is not a number"),
    }
}

fn list<T>(name: &str, value: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, RepeatError> {
    let values: Vec<&str> = value.split(',').collect();
    if values.len() > MOST_VALUES {
        return wrong(name, "has too many values");
    }
    match values.into_iter().map(read).collect() {
        Some(values) => Ok(values),
        None => wrong(name, "has a value that does not read"),
    }
}

/// From 1 to `most`, or from -1 down.
fn signed(text: &str, most: i32) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    (number != 0 && (-most..=most).contains(&number)).then_some(number)
}

/// `SU`, `1SU`, `-1SU`
fn weekday(text: &str) -> Option<(Option<i32>, Weekday)> {
    let at = text.len().checked_sub(2)?;
    let (ordinal, day) = text.split_at_checked(at)?;
    let day = match day {
        "SU" => Weekday::Sun,
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        _ => return None,
    };
    if ordinal.is_empty() {
        return Some((None, day));
    }
    Some((Some(signed(ordinal, 53)?), day))
}

fn until(value: &str, zone: Tz) -> Result<DateTime<Utc>, RepeatError> {
    let wall = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let last_second = || {
        let day = NaiveDate::parse_from_str(value, "%Y%m%d").ok()?;
        NaiveTime::from_hms_opt(23, 59, 59).map(|time| day.and_time(time))
    };
    let at = match value.strip_suffix('Z') {
        Some(utc) => wall(utc).map(|at| at.and_utc()),
        None => wall(value)
            .or_else(last_second)
            .and_then(|wall| moment(zone, wall, Reading::Closing)),
    };
    match at {
        Some(at) => Ok(at),
        None => wrong("UNTIL", "is a time such as 20271231T220000Z or a day such as 20271231"),
    }
}
