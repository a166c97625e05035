//! When the business opens next, in words: «ביום ראשון בשעה תשע וחצי בבוקר».
//!
//! The opening hours themselves are worked out elsewhere; both times come in the business's own zone.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};
use contracts::tts::Gender;

use super::{Fixed, Key, get, numbers};

/// A weekday alone would name the wrong week from here on, and «next week» from twice this many days on.
const DAYS_IN_A_WEEK: i64 = 7;

/// The day and hour at which it opens, as said at `now`. Empty when that is in the past or more than thirteen days off:
/// then «we shall open again» stands better alone.
pub fn opening(now: NaiveDateTime, opens_at: NaiveDateTime, gender: Gender) -> Vec<Fixed> {
    if opens_at < now {
        return Vec::new();
    }
    let Some(mut keys) = day(now.date(), opens_at.date()) else {
        return Vec::new();
    };
    keys.push(Key::AtHour);
    keys.extend(time_of_day(&opens_at));
    keys.into_iter().map(|key| get(key, gender)).collect()
}

fn day(today: NaiveDate, that: NaiveDate) -> Option<Vec<Key>> {
    let weekday = on_weekday(that.weekday());
    Some(match (that - today).num_days() {
        0 => vec![Key::Today],
        1 => vec![Key::Tomorrow],
        days if days < DAYS_IN_A_WEEK => vec![weekday],
        days if days < 2 * DAYS_IN_A_WEEK => vec![weekday, Key::OfNextWeek],
        _ => return None,
    })
}

/// «on Sunday».
pub(super) const fn on_weekday(day: Weekday) -> Key {
    match day {
        Weekday::Sun => Key::OnSunday,
        Weekday::Mon => Key::OnMonday,
        Weekday::Tue => Key::OnTuesday,
        Weekday::Wed => Key::OnWednesday,
        Weekday::Thu => Key::OnThursday,
        Weekday::Fri => Key::OnFriday,
        Weekday::Sat => Key::OnSaturday,
    }
}

/// «half past nine in the morning».
pub(super) fn time_of_day(time: &impl Timelike) -> Vec<Key> {
    let (_, hour) = time.hour12();
    let mut keys = numbers::keys(hour);
    keys.extend(minutes(time.minute()));
    keys.push(match time.hour() {
        5..=11 => Key::InTheMorning,
        12 => Key::AtNoon,
        13..=17 => Key::InTheAfternoon,
        18..=21 => Key::InTheEvening,
        _ => Key::AtNight,
    });
    keys
}

/// «and a quarter», «and twenty-five», «and five minutes».
fn minutes(value: u32) -> Vec<Key> {
    match value {
        0 => Vec::new(),
        1..=9 => numbers::and_unit(value).into_iter().chain([Key::Minutes]).collect(),
        10 => vec![Key::And10, Key::Minutes],
        15 => vec![Key::AndQuarter],
        20 => vec![Key::And20],
        30 => vec![Key::AndHalf],
        _ => numbers::keys(value),
    }
}
