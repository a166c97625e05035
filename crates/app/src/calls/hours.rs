//! Whether a business is open, and when it opens next.
//!
//! Hours are given by weekday in the business's own time zone; a holiday is closed all day. A business without any
//! hours never closes. The Hebrew calendar and half days are not known here.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use conversation::sentences;
use serde::{Deserialize, Serialize};

/// How many days ahead an opening is looked for.
const HORIZON_DAYS: u64 = 30;
const DAYS_OF_A_WEEK: usize = 7;

/// `{"sun": [["09:00","17:00"]], …}`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(HashMap<String, Vec<(String, String)>>);

/// The next moment at which the business is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextOpening {
    pub at: DateTime<Utc>,
    pub zone: Tz,
    /// 0 is today, 1 tomorrow.
    pub days_ahead: u64,
}

impl NextOpening {
    /// As the business's clock shows it.
    pub fn local(&self) -> DateTime<Tz> {
        self.at.with_timezone(&self.zone)
    }
}

/// A business's week and its closed days.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// From Sunday; openings and closings in order.
    week: sentences::Week,
    holidays: Vec<NaiveDate>,
    zone: Tz,
}

const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Calendar {
    /// What does not read as a time, or ends before it begins, is passed over: the settings refuse it on the way in.
    pub fn new(hours: &Hours, holidays: &[NaiveDate], zone: Tz) -> Self {
        let week = WEEKDAYS.map(|day| {
            let mut spans: Vec<_> = hours
                .0
                .get(day)
                .into_iter()
                .flatten()
                .filter_map(|(from, to)| Some((time(from)?, end_time(to)?)))
                .filter(|(from, to)| from < to)
                .collect();
            spans.sort_unstable();
            spans
        });
        Self {
            week,
            holidays: holidays.to_vec(),
            zone,
        }
    }

    fn has_hours(&self) -> bool {
        self.week.iter().any(|day| !day.is_empty())
    }

    fn spans(&self, day: NaiveDate) -> &[(NaiveTime, NaiveTime)] {
        if self.holidays.contains(&day) {
            return &[];
        }
        usize::try_from(day.weekday().num_days_from_sunday())
            .ok()
            .and_then(|at| self.week.get(at))
            .map_or(&[], Vec::as_slice)
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        if !self.has_hours() {
            return true;
        }
        let local = now.with_timezone(&self.zone);
        let time = local.time();
        self.spans(local.date_naive())
            .iter()
            .any(|(from, to)| *from <= time && time < *to)
    }

    /// The week in words, with the holidays of the coming one; empty when no hours are known.
    pub fn in_words(&self, now: DateTime<Utc>) -> Vec<String> {
        if !self.has_hours() {
            return Vec::new();
        }
        let today = now.with_timezone(&self.zone).date_naive();
        let closed: Vec<Weekday> = today
            .iter_days()
            .take(DAYS_OF_A_WEEK)
            .filter(|day| self.holidays.contains(day))
            .map(|day| day.weekday())
            .collect();
        sentences::hours(&self.week, &closed)
    }

    /// `None` when the business is open, or does not open within a month.
    pub fn next_opening(&self, now: DateTime<Utc>) -> Option<NextOpening> {
        if self.is_open(now) {
            return None;
        }
        let today = now.with_timezone(&self.zone).date_naive();
        (0..=HORIZON_DAYS).find_map(|days_ahead| {
            let day = today.checked_add_days(Days::new(days_ahead))?;
            self.spans(day)
                .iter()
                .filter_map(|(from, _)| self.zone.from_local_datetime(&day.and_time(*from)).earliest())
                .map(|at| at.with_timezone(&Utc))
                .find(|at| *at > now)
                .map(|at| NextOpening {
                    at,
                    zone: self.zone,
                    days_ahead,
                })
        })
    }
}

fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// `24:00` ends the day.
fn end_time(text: &str) -> Option<NaiveTime> {
    if text == "24:00" {
        return NaiveTime::from_hms_milli_opt(23, 59, 59, 999);
    }
    time(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(holidays: &[&str]) -> Calendar {
        let hours: Hours = serde_json::from_value(serde_json::json!({
            "sun": [["09:00", "13:00"], ["14:00", "18:00"]],
            "mon": [["09:00", "18:00"]],
            "thu": [["09:00", "18:00"]],
            "fri": [["09:00", "13:00"]],
        }))
        .expect("hours");
        let holidays: Vec<NaiveDate> = holidays.iter().map(|day| day.parse().expect("a day")).collect();
        Calendar::new(&hours, &holidays, chrono_tz::Asia::Jerusalem)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn open_in_the_business_own_zone() {
        // 2026-11-19 is a Thursday; Jerusalem is two hours ahead in winter.
        assert!(calendar(&[]).is_open(at("2026-11-19T07:00:00Z")));
        assert!(!calendar(&[]).is_open(at("2026-11-19T06:59:59Z")));
        assert!(!calendar(&[]).is_open(at("2026-11-19T16:00:00Z")));
    }

    #[test]
    fn after_friday_comes_sunday() {
        let next = calendar(&[])
            .next_opening(at("2026-11-20T12:00:00Z"))
            .expect("an opening");
        assert_eq!(next.at, at("2026-11-22T07:00:00Z"));
        assert_eq!(next.days_ahead, 2);
    }

    #[test]
    fn a_holiday_is_closed() {
        let next = calendar(&["2026-11-22"])
            .next_opening(at("2026-11-20T12:00:00Z"))
            .expect("an opening");
        assert_eq!(next.at, at("2026-11-23T07:00:00Z"));
    }

    #[test]
    fn the_noon_break_ends_today() {
        let next = calendar(&[])
            .next_opening(at("2026-11-22T11:30:00Z"))
            .expect("an opening");
        assert_eq!((next.at, next.days_ahead), (at("2026-11-22T12:00:00Z"), 0));
    }

    #[test]
    fn the_week_and_its_holidays_are_said_in_words() {
        // A Thursday; the second holiday is too far off to be told by its weekday.
        let words = calendar(&["2026-11-22", "2026-11-26"]).in_words(at("2026-11-19T07:00:00Z"));
        assert_eq!(
            words.first().map(String::as_str),
            Some("ביום ראשון מתשע בבוקר עד אחת אחר הצהריים וגם משתיים אחר הצהריים עד שש בערב")
        );
        assert_eq!(words.last().map(String::as_str), Some("בשבוע הקרוב סגור גם ביום ראשון"));
    }

    #[test]
    fn without_hours_it_never_closes() {
        let always = Calendar::new(&Hours::default(), &[], chrono_tz::Asia::Jerusalem);
        assert!(always.is_open(at("2026-11-21T01:00:00Z")));
        assert_eq!(always.next_opening(at("2026-11-21T01:00:00Z")), None);
        assert!(always.in_words(at("2026-11-21T01:00:00Z")).is_empty());
    }
}
