//! Rules of recurrence (RFC 5545, 3.3.10), as far as people use them.
//!
//! Known: `FREQ` (`DAILY`, `WEEKLY`, `MONTHLY`, `YEARLY`), `INTERVAL`, `COUNT`, `UNTIL`, `BYDAY`, `BYMONTHDAY`, `BYMONTH`,
//! `BYSETPOS`, `WKST`. The time of day is the start's, by the wall clock of the business, across clock changes.

mod parse;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Utc, Weekday};
use chrono_tz::Tz;

pub use parse::RepeatError;

use crate::zone::{Reading, local, moment};

/// How many days are looked at for one answer: a century.
const BUDGET_DAYS: u32 = 36_600;

/// A rule of recurrence in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    zone: Tz,
    frequency: Frequency,
    interval: u32,
    ends: Ends,
    by_day: Vec<(Option<i32>, Weekday)>,
    by_month_day: Vec<i32>,
    by_month: Vec<i32>,
    by_set_position: Vec<i32>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Never,
    /// After so many, the first included.
    Count(u32),
    /// This moment is the last possible one.
    Until(DateTime<Utc>),
}

impl Repeat {
    /// The first occurrence later than `after`, of the series that begins at `start`. `None` when the series is over,
    /// or nothing comes within a century.
    ///
    /// `start` gives the time of day and, as in RFC 5545, the days that the rule leaves open; it should stay the same
    /// throughout the series (with `COUNT` it must). It counts as an occurrence only if the rule meets it. A time that
    /// a clock change skips is read by the offset before it (02:30 becomes 03:30), a doubled one is the first.
    pub fn next_after(&self, start: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let begin = local(self.zone, start)?;
        let mut left = match self.ends {
            Ends::Count(count) => Some(count),
            _ => None,
        };
        let mut looked_at_days = 0;
        for index in self.first_index(begin.date(), after).. {
            let days = self.period(begin.date(), index)?;
            looked_at_days += days.1.max(1);
            for day in self.chosen(begin.date(), days) {
                let wall = day.and_time(begin.time());
                if wall < begin {
                    continue;
                }
                if left.is_some_and(|left| left == 0) {
                    return None;
                }
                left = left.map(|left| left - 1);
                let at = moment(self.zone, wall, Reading::Appointment)?;
                if matches!(self.ends, Ends::Until(until) if until < at) {
                    return None;
                }
                if at > after {
                    return Some(at);
                }
            }
            if looked_at_days > BUDGET_DAYS {
                return None;
            }
        }
        None
    }

    /// Periods wholly before `after` are passed over at once, unless occurrences have to be counted.
    fn first_index(&self, begin: NaiveDate, after: DateTime<Utc>) -> u32 {
        let Some(after) = local(self.zone, after).map(|after: NaiveDateTime| after.date()) else {
            return 0;
        };
        if matches!(self.ends, Ends::Count(_)) || after <= begin {
            return 0;
        }
        let days = (after - begin).num_days();
        let months = i64::from(after.year() - begin.year()) * 12 + i64::from(after.month()) - i64::from(begin.month());
        let periods = match self.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => months,
            Frequency::Yearly => i64::from(after.year() - begin.year()),
        };
        let index = periods / i64::from(self.interval);
        u32::try_from(index.saturating_sub(1)).unwrap_or(0)
    }

    /// The first day of a period, and how many days it has.
    fn period(&self, begin: NaiveDate, index: u32) -> Option<(NaiveDate, u32)> {
        let steps = index.checked_mul(self.interval)?;
        match self.frequency {
            Frequency::Daily => Some((begin.checked_add_days(Days::new(steps.into()))?, 1)),
            Frequency::Weekly => {
                let since_start = begin.weekday().days_since(self.week_start);
                let week = begin.checked_sub_days(Days::new(since_start.into()))?;
                Some((week.checked_add_days(Days::new(u64::from(steps) * 7))?, 7))
            }
            Frequency::Monthly => {
                let first = begin.with_day(1)?.checked_add_months(Months::new(steps))?;
                Some((first, days_in_month(first)?))
            }
            Frequency::Yearly => {
                let year = begin.year().checked_add(i32::try_from(steps).ok()?)?;
                let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
                Some((first, days_in_year(first)?))
            }
        }
    }

    /// The days of a period that the rule names, in order.
    fn chosen(&self, begin: NaiveDate, (first, count): (NaiveDate, u32)) -> Vec<NaiveDate> {
        let length = usize::try_from(count).unwrap_or_default();
        let mut days: Vec<NaiveDate> = first
            .iter_days()
            .take(length)
            .filter(|day| self.names(begin, *day))
            .collect();
        if !self.by_set_position.is_empty() {
            let total = i32::try_from(days.len()).unwrap_or(i32::MAX);
            let mut place = 0;
            days.retain(|_| {
                place += 1;
                self.by_set_position.contains(&place) || self.by_set_position.contains(&(place - total - 1))
            });
        }
        days
    }

    fn names(&self, begin: NaiveDate, day: NaiveDate) -> bool {
        let is = |number: u32, wanted: &[i32]| i32::try_from(number).is_ok_and(|number| wanted.contains(&number));
        if !self.by_month.is_empty() && !is(day.month(), &self.by_month) {
            return false;
        }
        if self.by_day.is_empty() && self.by_month_day.is_empty() {
            return self.like_the_start(begin, day);
        }
        let month_day =
            self.by_month_day.is_empty() || self.by_month_day.iter().any(|number| is_month_day(day, *number));
        let weekday = self.by_day.is_empty() || self.by_day.iter().any(|wanted| self.is_weekday(day, *wanted));
        month_day && weekday
    }

    /// What the rule leaves open is as in the start.
    fn like_the_start(&self, begin: NaiveDate, day: NaiveDate) -> bool {
        match self.frequency {
            Frequency::Daily => true,
            Frequency::Weekly => day.weekday() == begin.weekday(),
            Frequency::Monthly => day.day() == begin.day(),
            Frequency::Yearly => {
                day.day() == begin.day() && (!self.by_month.is_empty() || day.month() == begin.month())
            }
        }
    }

    /// `2SU` is the second Sunday of the month, or of the year in a yearly rule without months; `-1SU` the last.
    fn is_weekday(&self, day: NaiveDate, (ordinal, weekday): (Option<i32>, Weekday)) -> bool {
        if day.weekday() != weekday {
            return false;
        }
        let Some(ordinal) = ordinal else { return true };
        let in_year = self.frequency == Frequency::Yearly && self.by_month.is_empty();
        let (before, length) = if in_year {
            (day.ordinal0(), days_in_year(day))
        } else {
            (day.day0(), days_in_month(day))
        };
        let Some(after) = length.and_then(|length| length.checked_sub(before + 1)) else {
            return false;
        };
        let place = |days: u32| i32::try_from(days / 7 + 1).unwrap_or_default();
        ordinal == place(before) || ordinal == -place(after)
    }
}

fn is_month_day(day: NaiveDate, number: i32) -> bool {
    let (Ok(here), Some(Ok(length))) = (i32::try_from(day.day()), days_in_month(day).map(i32::try_from)) else {
        return false;
    };
    number == here || number == here - length - 1
}

fn days_in_month(day: NaiveDate) -> Option<u32> {
    let next = day.with_day(1)?.checked_add_months(Months::new(1))?;
    next.pred_opt().map(|last| last.day())
}

fn days_in_year(day: NaiveDate) -> Option<u32> {
    NaiveDate::from_ymd_opt(day.year(), 12, 31).map(|last| last.ordinal())
}
