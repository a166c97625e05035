//! From wall clock to moment and back, when the clocks change too.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Years in which this crate answers; zones and the sun mean nothing far outside.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2400;
/// No clock ever jumped further.
const WIDEST_GAP: TimeDelta = TimeDelta::hours(26);

/// What the wall clock shows. `None` outside the years 1800–2400.
pub fn local(zone: Tz, at: DateTime<Utc>) -> Option<NaiveDateTime> {
    if !YEARS.contains(&at.year()) {
        return None;
    }
    let offset = zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    at.naive_utc().checked_add_offset(offset)
}

pub fn local_day(zone: Tz, at: DateTime<Utc>) -> Option<NaiveDate> {
    local(zone, at).map(|local| local.date())
}

/// Which of the moments that a wall clock shows twice, and what a time means that it never shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The first of two. A time that is skipped is read by the offset before the change, as RFC 5545 says
    /// (3.3.5): 02:30 becomes 03:30.
    Appointment,
    /// The first of two; within a gap, the gap's end.
    Opening,
    /// The second of two; within a gap, the gap's end.
    Closing,
}

/// The moment at which the wall clock shows `wall`. `None` outside the years 1800–2400.
pub fn moment(zone: Tz, wall: NaiveDateTime, reading: Reading) -> Option<DateTime<Utc>> {
    if !YEARS.contains(&wall.year()) {
        return None;
    }
    let found = zone.from_local_datetime(&wall);
    let found = match reading {
        Reading::Closing => found.latest(),
        Reading::Appointment | Reading::Opening => found.earliest(),
    };
    match found {
        Some(at) => Some(at.with_timezone(&Utc)),
        None => skipped(zone, wall, reading),
    }
}

fn skipped(zone: Tz, wall: NaiveDateTime, reading: Reading) -> Option<DateTime<Utc>> {
    let offset_at = |at: NaiveDateTime| zone.offset_from_utc_datetime(&at).fix();
    let before = offset_at(wall.checked_sub_signed(WIDEST_GAP)?);
    let shifted = wall.checked_sub_offset(before)?;
    if reading == Reading::Appointment {
        return Some(shifted.and_utc());
    }
    let (mut old, mut new) = (shifted.checked_sub_signed(WIDEST_GAP)?, shifted);
    // The span halves each time; 26 hours are fewer than 2^17 seconds.
    for _ in 0..17 {
        let middle = old.checked_add_signed((new - old) / 2)?;
        if offset_at(middle) == before {
            old = middle;
        } else {
            new = middle;
        }
    }
    chrono::DurationRound::duration_round(new.and_utc(), TimeDelta::minutes(1)).ok()
}

/// The moment at which a clock shows `time` on `day`, `24:00` given as `None`.
pub fn on(zone: Tz, day: NaiveDate, time: Option<chrono::NaiveTime>, reading: Reading) -> Option<DateTime<Utc>> {
    match time {
        Some(time) => moment(zone, day.and_time(time), reading),
        None => moment(zone, day.succ_opt()?.and_time(chrono::NaiveTime::MIN), reading),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wall: &str, reading: Reading) -> String {
        let wall = wall.parse().expect("a wall time");
        moment(chrono_tz::Asia::Jerusalem, wall, reading)
            .expect("a moment")
            .format("%d %H:%M")
            .to_string()
    }

    #[test]
    fn a_skipped_time_is_read_by_what_it_is_for() {
        // On 2026-03-27 at 02:00 the clocks go to 03:00, which is midnight in UTC.
        assert_eq!(read("2026-03-27T02:30:00", Reading::Appointment), "27 00:30");
        assert_eq!(read("2026-03-27T02:30:00", Reading::Opening), "27 00:00");
        assert_eq!(read("2026-03-27T02:30:00", Reading::Closing), "27 00:00");
    }

    #[test]
    fn of_a_doubled_time_an_opening_is_the_first_and_a_closing_the_second() {
        // On 2026-10-25 at 02:00 the clocks go back to 01:00.
        assert_eq!(read("2026-10-25T01:30:00", Reading::Appointment), "24 22:30");
        assert_eq!(read("2026-10-25T01:30:00", Reading::Opening), "24 22:30");
        assert_eq!(read("2026-10-25T01:30:00", Reading::Closing), "24 23:30");
    }

    #[test]
    fn a_day_that_an_island_skipped_ends_where_it_would_begin() {
        let wall = "2011-12-30T12:00:00".parse().expect("a wall time");
        let at = moment(chrono_tz::Pacific::Apia, wall, Reading::Opening).expect("a moment");
        assert_eq!(at, "2011-12-30T10:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
    }
}
