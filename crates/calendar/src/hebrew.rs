//! The Hebrew calendar: from and to the Gregorian one, by arithmetic.
//!
//! A year begins by the mean conjunction of its Tishri and the four postponements; its length then fixes Heshvan and
//! Kislev. Formulas: Reingold and Dershowitz, *Calendrical Calculations*, chapter «The Hebrew Calendar».

use chrono::{Datelike, NaiveDate};

/// The day before 1 Tishri of year 1, as chrono counts days (1 January of the year 1 is day 1).
const EPOCH: i64 = -1_373_428;
/// Years for which dates are given: 1761–2439.
const YEARS: std::ops::RangeInclusive<i32> = 5521..=6199;

/// The months from Tishri on. In a leap year `AdarI` comes before `Adar`, which then is the second Adar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HebrewMonth {
    Tishri,
    Heshvan,
    Kislev,
    Tevet,
    Shvat,
    AdarI,
    Adar,
    Nisan,
    Iyar,
    Sivan,
    Tammuz,
    Av,
    Elul,
}

use HebrewMonth::{Adar, AdarI, Av, Elul, Heshvan, Iyar, Kislev, Nisan, Shvat, Sivan, Tammuz, Tevet, Tishri};

const MONTHS: [HebrewMonth; 13] = [
    Tishri, Heshvan, Kislev, Tevet, Shvat, AdarI, Adar, Nisan, Iyar, Sivan, Tammuz, Av, Elul,
];

impl HebrewMonth {
    /// «תשרי»; the second Adar of a leap year is «אדר» here.
    pub const fn name_he(self) -> &'static str {
        match self {
            Tishri => "תשרי",
            Heshvan => "חשוון",
            Kislev => "כסלו",
            Tevet => "טבת",
            Shvat => "שבט",
            AdarI => "אדר א׳",
            Adar => "אדר",
            Nisan => "ניסן",
            Iyar => "אייר",
            Sivan => "סיוון",
            Tammuz => "תמוז",
            Av => "אב",
            Elul => "אלול",
        }
    }
}

/// A day of the Hebrew calendar: the daylight part, which shares its date with the Gregorian day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HebrewDate {
    pub year: i32,
    pub month: HebrewMonth,
    /// From 1.
    pub day: u32,
}

impl HebrewDate {
    /// `None` before 1761 and after 2439.
    pub fn of(day: NaiveDate) -> Option<Self> {
        let number = i64::from(day.num_days_from_ce());
        // The Hebrew year that begins in the autumn of a Gregorian year is 3761 more.
        let later = day.year().checked_add(3761)?;
        let year = if number < new_year(later) { later - 1 } else { later };
        if !YEARS.contains(&year) {
            return None;
        }
        let mut rest = number - new_year(year);
        for month in MONTHS {
            let length = i64::from(month_length(year, month));
            if rest < length {
                return Some(Self {
                    year,
                    month,
                    day: u32::try_from(rest + 1).ok()?,
                });
            }
            rest -= length;
        }
        None
    }

    /// `None` when the year has no such day, or lies before 5521 or after 6199.
    pub fn to_gregorian(self) -> Option<NaiveDate> {
        if !YEARS.contains(&self.year) || !(1..=month_length(self.year, self.month)).contains(&self.day) {
            return None;
        }
        let before: i64 = MONTHS
            .into_iter()
            .take_while(|month| *month < self.month)
            .map(|month| i64::from(month_length(self.year, month)))
            .sum();
        let number = new_year(self.year) + before + i64::from(self.day) - 1;
        NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?)
    }
}

fn is_leap(year: i32) -> bool {
    (i64::from(year) * 7 + 1).rem_euclid(19) < 7
}

/// Days from the epoch to the year's conjunction of Tishri, put off from Sunday, Wednesday and Friday.
fn conjunction(year: i32) -> i64 {
    let months = (235 * i64::from(year) - 234).div_euclid(19);
    // Parts of an hour, 1080 each, counted from noon; a month has 29 days, 12 hours and 793 parts.
    let parts = 12_084 + 13_753 * months;
    let day = 29 * months + parts.div_euclid(25_920);
    if (3 * (day + 1)).rem_euclid(7) < 3 {
        day + 1
    } else {
        day
    }
}

/// 1 Tishri, as chrono counts days: no year may have 356 days, nor 382 when it follows a leap year.
fn new_year(year: i32) -> i64 {
    let this = conjunction(year);
    let late = if conjunction(year.saturating_add(1)) - this == 356 {
        2
    } else {
        i64::from(this - conjunction(year.saturating_sub(1)) == 382)
    };
    EPOCH + this + late + 1
}

/// Days; 0 for `AdarI` of a common year.
fn month_length(year: i32, month: HebrewMonth) -> u32 {
    let days_in_year = || new_year(year.saturating_add(1)) - new_year(year);
    match month {
        AdarI if !is_leap(year) => 0,
        Heshvan if days_in_year() % 10 == 5 => 30,
        Kislev if days_in_year() % 10 == 3 => 29,
        Tishri | Kislev | Shvat | AdarI | Nisan | Sivan | Av => 30,
        Heshvan | Tevet | Adar | Iyar | Tammuz | Elul => 29,
    }
}
