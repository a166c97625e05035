//! The days of the Hebrew year on which a business in Israel may work less.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::hebrew::{
    HebrewDate,
    HebrewMonth::{Adar, Av, Elul, Iyar, Kislev, Nisan, Shvat, Sivan, Tishri},
};

/// What a day does to the opening hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayRule {
    /// As on any such day of the week.
    Open,
    /// Until `half_day_ends`.
    Half,
    Closed,
}

macro_rules! holidays {
    ($($(#[$doc:meta])* $name:ident $rule:ident $he:literal $en:literal,)*) => {
        /// A holiday, memorial day, or eve. In JSON its name in snake_case, for example `erev_rosh_hashana`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Holiday {
            $($(#[$doc])* $name,)*
        }

        impl Holiday {
            /// Each, in the order of the Hebrew year.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What holds when the business says nothing.
            pub const fn default_rule(self) -> HolidayRule {
                match self {
                    $(Self::$name => HolidayRule::$rule,)*
                }
            }

            pub const fn name_he(self) -> &'static str {
                match self {
                    $(Self::$name => $he,)*
                }
            }

            pub const fn name_en(self) -> &'static str {
                match self {
                    $(Self::$name => $en,)*
                }
            }
        }
    };
}

holidays! {
    RoshHashana Closed "ראש השנה" "Rosh Hashana",
    ErevYomKippur Half "ערב יום כיפור" "Eve of Yom Kippur",
    YomKippur Closed "יום כיפור" "Yom Kippur",
    ErevSukkot Half "ערב סוכות" "Eve of Sukkot",
    Sukkot Closed "סוכות" "Sukkot",
    HolHamoedSukkot Half "חול המועד סוכות" "Hol Hamoed Sukkot",
    /// The eve of Simchat Tora.
    HoshanaRaba Half "הושענא רבה, ערב שמחת תורה" "Hoshana Raba, eve of Simchat Tora",
    SimchatTora Closed "שמחת תורה" "Simchat Tora",
    Hanukkah Open "חנוכה" "Hanukkah",
    TuBishvat Open "ט״ו בשבט" "Tu Bishvat",
    Purim Open "פורים" "Purim",
    ShushanPurim Open "שושן פורים" "Shushan Purim",
    ErevPesach Half "ערב פסח" "Eve of Pesach",
    Pesach Closed "פסח" "Pesach",
    HolHamoedPesach Half "חול המועד פסח" "Hol Hamoed Pesach",
    ErevPesachSeventh Half "ערב שביעי של פסח" "Eve of the seventh day of Pesach",
    PesachSeventh Closed "שביעי של פסח" "Seventh day of Pesach",
    YomHashoah Open "יום הזיכרון לשואה ולגבורה" "Holocaust Remembrance Day",
    /// The eve of Independence Day.
    YomHazikaron Half "יום הזיכרון" "Remembrance Day",
    YomHaatzmaut Closed "יום העצמאות" "Independence Day",
    LagBaomer Open "ל״ג בעומר" "Lag Baomer",
    YomYerushalayim Open "יום ירושלים" "Jerusalem Day",
    ErevShavuot Half "ערב שבועות" "Eve of Shavuot",
    Shavuot Closed "שבועות" "Shavuot",
    TishaBav Open "תשעה באב" "Tisha Bav",
    ErevRoshHashana Half "ערב ראש השנה" "Eve of Rosh Hashana",
}

impl Holiday {
    /// Work is forbidden as on a Sabbath: candles are lit on the eve, and it ends after dark.
    pub const fn is_yom_tov(self) -> bool {
        matches!(
            self,
            Self::RoshHashana
                | Self::YomKippur
                | Self::Sukkot
                | Self::SimchatTora
                | Self::Pesach
                | Self::PesachSeventh
                | Self::Shavuot
        )
    }

    /// The holidays of a day, as kept in Israel; most days have none, and none has more than two.
    pub fn on(day: NaiveDate) -> Vec<Self> {
        let Some(date) = HebrewDate::of(day) else {
            return Vec::new();
        };
        fixed(date).into_iter().chain(moving(date, day)).collect()
    }

    /// The holidays from `first` on, for at most 800 days.
    pub fn between(first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, Self)> {
        first
            .iter_days()
            .take(800)
            .take_while(|day| *day <= last)
            .flat_map(|day| Self::on(day).into_iter().map(move |holiday| (day, holiday)))
            .collect()
    }
}

/// Those that keep their date.
fn fixed(date: HebrewDate) -> Option<Holiday> {
    Some(match (date.month, date.day) {
        (Tishri, 1 | 2) => Holiday::RoshHashana,
        (Tishri, 9) => Holiday::ErevYomKippur,
        (Tishri, 10) => Holiday::YomKippur,
        (Tishri, 14) => Holiday::ErevSukkot,
        (Tishri, 15) => Holiday::Sukkot,
        (Tishri, 16..=20) => Holiday::HolHamoedSukkot,
        (Tishri, 21) => Holiday::HoshanaRaba,
        (Tishri, 22) => Holiday::SimchatTora,
        (Shvat, 15) => Holiday::TuBishvat,
        (Adar, 14) => Holiday::Purim,
        (Adar, 15) => Holiday::ShushanPurim,
        (Nisan, 14) => Holiday::ErevPesach,
        (Nisan, 15) => Holiday::Pesach,
        (Nisan, 16..=19) => Holiday::HolHamoedPesach,
        (Nisan, 20) => Holiday::ErevPesachSeventh,
        (Nisan, 21) => Holiday::PesachSeventh,
        (Iyar, 18) => Holiday::LagBaomer,
        (Iyar, 28) => Holiday::YomYerushalayim,
        (Sivan, 5) => Holiday::ErevShavuot,
        (Sivan, 6) => Holiday::Shavuot,
        (Elul, 29) => Holiday::ErevRoshHashana,
        _ => return None,
    })
}

/// Those that move by the weekday, and Hanukkah, whose end depends on the length of Kislev.
fn moving(date: HebrewDate, day: NaiveDate) -> Option<Holiday> {
    let is = |month, number, move_days: fn(Weekday) -> i64| {
        let named = HebrewDate {
            month,
            day: number,
            ..date
        };
        named
            .to_gregorian()
            .is_some_and(|named| (day - named).num_days() == move_days(named.weekday()))
    };
    match date.month {
        Nisan if is(Nisan, 27, yom_hashoah) => Some(Holiday::YomHashoah),
        Iyar if is(Iyar, 5, |weekday| independence(weekday) - 1) => Some(Holiday::YomHazikaron),
        Iyar if is(Iyar, 5, independence) => Some(Holiday::YomHaatzmaut),
        Av if is(Av, 9, |weekday| i64::from(weekday == Weekday::Sat)) => Some(Holiday::TishaBav),
        _ => hanukkah(date, day),
    }
}

/// By the law of 1949 with its change of 2004: neither it nor the day before may touch a Sabbath.
fn independence(fifth_of_iyar: Weekday) -> i64 {
    match fifth_of_iyar {
        Weekday::Fri => -1,
        Weekday::Sat => -2,
        Weekday::Mon => 1,
        _ => 0,
    }
}

/// By the law of 1959 with its change of 1997.
fn yom_hashoah(twenty_seventh_of_nisan: Weekday) -> i64 {
    match twenty_seventh_of_nisan {
        Weekday::Fri => -1,
        Weekday::Sun => 1,
        _ => 0,
    }
}

fn hanukkah(date: HebrewDate, day: NaiveDate) -> Option<Holiday> {
    let first = HebrewDate {
        month: Kislev,
        day: 25,
        ..date
    };
    let since = (day - first.to_gregorian()?).num_days();
    (0..8).contains(&since).then_some(Holiday::Hanukkah)
}
