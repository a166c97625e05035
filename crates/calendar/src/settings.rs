//! What a business says of its time, as it is stored and sent, and what may be wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::FieldError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    holidays::{Holiday, HolidayRule},
    hours::{Hours, clock_time},
    sun::City,
};

/// No more than this many days are given by hand.
const MOST_DAYS: usize = 400;
/// Candle lighting and nightfall are never further from sunset.
const MOST_MINUTES: u32 = 180;
const LONGEST_NAME: usize = 120;
const TOO_LONG: &str = "has more than 120 characters";

/// A business's time. Every part has a default: never closed by the clock, holidays by their own rules, Sabbath kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub hours: Hours,
    /// Days given by hand. They win over the Hebrew calendar's.
    pub holidays: Vec<SpecialDay>,
    /// Where the business differs from [`Holiday::default_rule`]: `{"purim": "half"}`.
    pub holiday_rules: BTreeMap<Holiday, HolidayRule>,
    /// When a half day ends, `13:00`.
    pub half_day_ends: String,
    pub shabbat: Shabbat,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hours: Hours::default(),
            holidays: Vec::new(),
            holiday_rules: BTreeMap::new(),
            half_day_ends: "13:00".to_owned(),
            shabbat: Shabbat::default(),
        }
    }
}

/// A day given by hand. In JSON either the date, `"2026-09-12"`, which is closed, or
/// `{"date": "2026-09-12", "rule": "half", "name": "יום כיף"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SpecialDayForm", into = "SpecialDayForm")]
pub struct SpecialDay {
    pub date: NaiveDate,
    pub rule: HolidayRule,
    pub name: Option<String>,
}

impl SpecialDay {
    pub const fn closed(date: NaiveDate) -> Self {
        Self {
            date,
            rule: HolidayRule::Closed,
            name: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum SpecialDayForm {
    Date(NaiveDate),
    Day {
        date: NaiveDate,
        #[serde(default = "closed")]
        rule: HolidayRule,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

const fn closed() -> HolidayRule {
    HolidayRule::Closed
}

impl From<SpecialDayForm> for SpecialDay {
    fn from(form: SpecialDayForm) -> Self {
        match form {
            SpecialDayForm::Date(date) => Self::closed(date),
            SpecialDayForm::Day { date, rule, name } => Self { date, rule, name },
        }
    }
}

impl From<SpecialDay> for SpecialDayForm {
    fn from(day: SpecialDay) -> Self {
        match day {
            SpecialDay {
                date,
                rule: HolidayRule::Closed,
                name: None,
            } => Self::Date(date),
            SpecialDay { date, rule, name } => Self::Day { date, rule, name },
        }
    }
}

/// How Sabbath and the holidays on which no work is done are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shabbat {
    pub observe: bool,
    pub start_minutes_before_sunset: u32,
    pub end_minutes_after_sunset: u32,
    pub city: City,
    /// Instead of the sun.
    pub fixed: Option<FixedTimes>,
}

impl Default for Shabbat {
    fn default() -> Self {
        Self {
            observe: true,
            start_minutes_before_sunset: 40,
            end_minutes_after_sunset: 50,
            city: City::default(),
            fixed: None,
        }
    }
}

/// `{"starts": "16:00", "ends": "20:00"}`: on the eve, and on the last day, by the business's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedTimes {
    #[serde(with = "hour_and_minute")]
    pub starts: chrono::NaiveTime,
    #[serde(with = "hour_and_minute")]
    pub ends: chrono::NaiveTime,
}

mod hour_and_minute {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    pub fn serialize<S: Serializer>(time: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&time.format("%H:%M"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(from)?;
        crate::hours::clock_time(&text).ok_or_else(|| D::Error::custom("is a time such as 16:00"))
    }
}

impl Settings {
    /// Hours and closed days only: no Hebrew calendar, no Sabbath.
    pub fn plain(hours: Hours, holidays: &[NaiveDate]) -> Self {
        Self {
            hours,
            holidays: holidays.iter().copied().map(SpecialDay::closed).collect(),
            holiday_rules: Holiday::ALL.iter().map(|day| (*day, HolidayRule::Open)).collect(),
            shabbat: Shabbat {
                observe: false,
                ..Shabbat::default()
            },
            ..Self::default()
        }
    }

    /// Reads JSON of this shape field by field. What does not read keeps its default, and is among the faults with its
    /// path (`shabbat.city`, `holidays[3]`): whoever takes it from a person refuses it by them, whoever loads a stored
    /// row goes on without.
    pub fn read(json: &Value) -> (Self, Vec<FieldError>) {
        let mut read = Reader::default();
        let mut settings = Self::default();
        for (key, value) in read.object("settings", json) {
            match key.as_str() {
                "hours" => read.put(key, value, &mut settings.hours),
                "holidays" => settings.holidays = read.days(key, value),
                "holiday_rules" => settings.holiday_rules = read.rules(key, value),
                "half_day_ends" => read.put(key, value, &mut settings.half_day_ends),
                "shabbat" => settings.shabbat = read.shabbat(key, value),
                _ => read.fault(key, "unknown_field", "is not a setting"),
            }
        }
        read.faults.extend(settings.faults());
        (settings, read.faults)
    }

    /// What a person should be told to correct, by field. [`crate::BusinessTime`] passes over the same.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = self.hours.faults("hours");
        let mut add = |field: String, code: &str, message: &str| {
            faults.push(FieldError {
                field,
                code: code.to_owned(),
                message: message.to_owned(),
            });
        };
        if self.holidays.len() > MOST_DAYS {
            add("holidays".to_owned(), "too_many", "has more than 400 days");
        }
        for (at, day) in self.holidays.iter().enumerate().take(MOST_DAYS) {
            if day.name.as_deref().is_some_and(too_long) {
                add(format!("holidays[{at}].name"), "too_long", TOO_LONG);
            }
        }
        if clock_time(&self.half_day_ends).is_none() {
            add("half_day_ends".to_owned(), "invalid_time", "is a time such as 13:00");
        }
        let minutes = [
            ("start_minutes_before_sunset", self.shabbat.start_minutes_before_sunset),
            ("end_minutes_after_sunset", self.shabbat.end_minutes_after_sunset),
        ];
        for (field, value) in minutes {
            if value > MOST_MINUTES {
                add(format!("shabbat.{field}"), "out_of_range", "is from 0 to 180");
            }
        }
        faults
    }
}

fn too_long(name: &str) -> bool {
    name.chars().count() > LONGEST_NAME
}

/// Collects what does not read.
#[derive(Default)]
struct Reader {
    faults: Vec<FieldError>,
}

impl Reader {
    fn fault(&mut self, field: &str, code: &str, message: &str) {
        self.faults.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
        });
    }

    fn value<T: DeserializeOwned>(&mut self, field: &str, value: &Value) -> Option<T> {
        T::deserialize(value)
            .map_err(|err| self.fault(field, "invalid", &err.to_string()))
            .ok()
    }

    fn put<T: DeserializeOwned>(&mut self, field: &str, value: &Value, place: &mut T) {
        if let Some(value) = self.value(field, value) {
            *place = value;
        }
    }

    fn object<'a>(&mut self, field: &str, value: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let object = value.as_object();
        if object.is_none() && !value.is_null() {
            self.fault(field, "invalid", "is an object");
        }
        object.into_iter().flat_map(Map::iter)
    }

    fn days(&mut self, field: &str, value: &Value) -> Vec<SpecialDay> {
        let Some(days) = value.as_array() else {
            self.fault(field, "invalid", "is a list of days");
            return Vec::new();
        };
        let mut read = Vec::new();
        for (at, day) in days.iter().enumerate().take(MOST_DAYS + 1) {
            match SpecialDay::deserialize(day) {
                Ok(day) => read.push(self.shortened(day, &format!("{field}[{at}].name"))),
                Err(_) => self.fault(
                    &format!("{field}[{at}]"),
                    "invalid_date",
                    "is a day such as 2026-09-12, or such a date with rule and name",
                ),
            }
        }
        read
    }

    /// Told here, where the place in the list is still that of the JSON.
    fn shortened(&mut self, mut day: SpecialDay, field: &str) -> SpecialDay {
        if let Some(name) = day.name.as_mut().filter(|name| too_long(name)) {
            self.fault(field, "too_long", TOO_LONG);
            *name = name.chars().take(LONGEST_NAME).collect();
        }
        day
    }

    fn rules(&mut self, field: &str, value: &Value) -> BTreeMap<Holiday, HolidayRule> {
        let mut rules = BTreeMap::new();
        for (key, rule) in self.object(field, value) {
            let path = format!("{field}.{key}");
            let Ok(holiday) = Holiday::deserialize(&Value::from(key.as_str())) else {
                self.fault(&path, "unknown_holiday", "is not a holiday");
                continue;
            };
            match HolidayRule::deserialize(rule) {
                Ok(rule) => {
                    rules.insert(holiday, rule);
                }
                Err(_) => self.fault(&path, "unknown_value", "is one of open, half, closed"),
            }
        }
        rules
    }

    fn shabbat(&mut self, field: &str, value: &Value) -> Shabbat {
        let mut shabbat = Shabbat::default();
        for (key, value) in self.object(field, value) {
            let path = format!("{field}.{key}");
            match key.as_str() {
                "observe" => self.put(&path, value, &mut shabbat.observe),
                "start_minutes_before_sunset" => self.put(&path, value, &mut shabbat.start_minutes_before_sunset),
                "end_minutes_after_sunset" => self.put(&path, value, &mut shabbat.end_minutes_after_sunset),
                "city" => match City::deserialize(value) {
                    Ok(city) => shabbat.city = city,
                    Err(_) => self.fault(&path, "unknown_city", "is a city such as jerusalem or tel_aviv"),
                },
                "fixed" => self.put(&path, value, &mut shabbat.fixed),
                _ => self.fault(&path, "unknown_field", "is not a setting"),
            }
        }
        shabbat
    }
}
