//! From candle lighting to nightfall: Sabbaths, holidays on which no work is done, and what adjoins them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use crate::{
    holidays::{Holiday, HolidayRule},
    settings::Shabbat,
    zone::{self, Reading},
};

/// Days that adjoin are at most three (two of Rosh Hashana and a Sabbath); this only bounds the search.
const LONGEST_RUN_DAYS: usize = 5;

/// A Sabbath or holiday while it is kept: one window, however many such days adjoin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observance {
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    /// What is kept besides Sabbath, in order; empty for a plain Sabbath.
    pub holidays: Vec<Holiday>,
}

impl Observance {
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.starts <= at && at < self.ends
    }
}

/// What a business keeps, and by which clock.
#[derive(Clone, Debug)]
pub struct Keeping {
    pub zone: Tz,
    pub shabbat: Shabbat,
    pub rules: BTreeMap<Holiday, HolidayRule>,
}

impl Keeping {
    /// The business's rule for a holiday, or the usual one.
    pub fn rule(&self, holiday: Holiday) -> HolidayRule {
        self.rules
            .get(&holiday)
            .copied()
            .unwrap_or_else(|| holiday.default_rule())
    }

    /// A holiday that the business calls open is not kept.
    fn kept(&self, day: NaiveDate) -> impl Iterator<Item = Holiday> {
        Holiday::on(day)
            .into_iter()
            .filter(|holiday| holiday.is_yom_tov() && self.rule(*holiday) != HolidayRule::Open)
    }

    fn is_holy(&self, day: NaiveDate) -> bool {
        day.weekday() == Weekday::Sat || self.kept(day).next().is_some()
    }

    /// The window in which `day` is kept. `None` for a workday, and when nothing is kept.
    fn of_day(&self, day: NaiveDate) -> Option<Observance> {
        if !self.shabbat.observe || !self.is_holy(day) {
            return None;
        }
        let holy = |day: &NaiveDate| self.is_holy(*day);
        let back = std::iter::successors(day.pred_opt(), NaiveDate::pred_opt);
        let on = std::iter::successors(day.succ_opt(), NaiveDate::succ_opt);
        let first_day = back.take(LONGEST_RUN_DAYS).take_while(holy).last().unwrap_or(day);
        let last_day = on.take(LONGEST_RUN_DAYS).take_while(holy).last().unwrap_or(day);
        let (starts, ends) = self.hours(first_day, last_day)?;
        let mut holidays: Vec<Holiday> = first_day
            .iter_days()
            .take_while(|day| *day <= last_day)
            .flat_map(|day| self.kept(day))
            .collect();
        holidays.dedup();
        (starts < ends).then_some(Observance {
            starts,
            ends,
            first_day,
            last_day,
            holidays,
        })
    }

    /// To the minute, and rather a minute longer.
    fn hours(&self, first: NaiveDate, last: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let eve = first.pred_opt()?;
        if let Some(fixed) = self.shabbat.fixed {
            return Some((
                zone::on(self.zone, eve, Some(fixed.starts), Reading::Opening)?,
                zone::on(self.zone, last, Some(fixed.ends), Reading::Closing)?,
            ));
        }
        let minutes = |count: u32| TimeDelta::minutes(i64::from(count.min(24 * 60)));
        let starts = self.shabbat.city.sunset(eve)? - minutes(self.shabbat.start_minutes_before_sunset);
        let ends = self.shabbat.city.sunset(last)? + minutes(self.shabbat.end_minutes_after_sunset);
        let starts = starts.trunc_subsecs(0).with_second(0)?;
        let ends = (ends + TimeDelta::seconds(59)).with_second(0)?;
        Some((starts, ends))
    }

    /// The windows that may reach into the days from `first` to `last`, in order.
    pub fn windows(&self, first: NaiveDate, last: NaiveDate) -> Vec<Observance> {
        let mut found: Vec<Observance> = Vec::new();
        let from = first.pred_opt().unwrap_or(first);
        let until = last.succ_opt().unwrap_or(last);
        for day in from.iter_days().take_while(|day| *day <= until) {
            if found.last().is_some_and(|window| day <= window.last_day) {
                continue;
            }
            found.extend(self.of_day(day));
        }
        found
    }
}
