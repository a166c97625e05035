//! Whether a business is open when its phone rings, and when it opens next.
//!
//! By its hours, its closed days, and the Sabbath and holidays that it keeps, in its own time zone. A business without
//! any hours closes only on those.

use calendar::{BusinessTime, HolidayRule, Settings};
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use conversation::sentences;

pub use calendar::{Hours, Opening as NextOpening};

const DAYS_OF_A_WEEK: usize = 7;

/// What callers meet while a Sabbath or holiday is kept; the setting `shabbat_mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhileKept {
    /// The agent, who says that the business is closed.
    #[default]
    Agent,
    /// They may leave a message.
    Message,
    /// One sentence and the end.
    Closed,
}

impl WhileKept {
    /// The default for a word that is none of its own.
    pub fn parse(word: &str) -> Self {
        match word {
            "message" => Self::Message,
            "closed" => Self::Closed,
            _ => Self::Agent,
        }
    }
}

/// A business's week and its closed days.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// From Sunday; openings and closings in order.
    week: sentences::Week,
    time: BusinessTime,
}

impl Calendar {
    /// What does not read as a time, or ends before it begins, is passed over: the settings refuse it on the way in.
    pub fn new(hours: Hours, holidays: &[NaiveDate], zone: Tz) -> Self {
        Self::of(&Settings::plain(hours, holidays), zone)
    }

    /// By all that the business says of its time.
    pub fn of(settings: &Settings, zone: Tz) -> Self {
        Self {
            week: settings.hours.week(),
            time: BusinessTime::new(settings, zone),
        }
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.time.is_open(now)
    }

    /// Whether a Sabbath or holiday is kept.
    pub fn is_kept(&self, now: DateTime<Utc>) -> bool {
        self.time.observance(now).is_some()
    }

    /// The week in words, with the holidays of the coming one; empty when no hours are known.
    pub fn in_words(&self, now: DateTime<Utc>) -> Vec<String> {
        if self.week.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let today = now.with_timezone(&self.time.zone()).date_naive();
        let closed: Vec<Weekday> = today
            .iter_days()
            .take(DAYS_OF_A_WEEK)
            .filter(|day| self.time.day(*day).rule == HolidayRule::Closed)
            .map(|day| day.weekday())
            .collect();
        sentences::hours(&self.week, &closed)
    }

    /// `None` when the business is open, or does not open in the time that is looked ahead.
    pub fn next_opening(&self, now: DateTime<Utc>) -> Option<NextOpening> {
        if self.is_open(now) {
            return None;
        }
        self.time.next_opening(now)
    }
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
        Calendar::new(hours, &holidays, chrono_tz::Asia::Jerusalem)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn the_next_opening_is_told_only_while_closed() {
        // 2026-11-19 is a Thursday; Jerusalem is two hours ahead in winter.
        assert!(calendar(&[]).is_open(at("2026-11-19T07:00:00Z")));
        assert_eq!(calendar(&[]).next_opening(at("2026-11-19T07:00:00Z")), None);
        let next = calendar(&["2026-11-22"]).next_opening(at("2026-11-20T12:00:00Z"));
        assert_eq!(next.map(|next| next.at), Some(at("2026-11-23T07:00:00Z")));
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
        let always = Calendar::new(Hours::default(), &[], chrono_tz::Asia::Jerusalem);
        assert!(always.is_open(at("2026-09-21T01:00:00Z")));
        assert_eq!(always.next_opening(at("2026-09-21T01:00:00Z")), None);
        assert!(always.in_words(at("2026-09-21T01:00:00Z")).is_empty());
    }
}
