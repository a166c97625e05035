//! Days that are not like others: holidays given by hand, and how the Sabbath is kept. What follows from them for a
//! given moment is not worked out here.

use std::collections::BTreeMap;

use calendar::{City, Holiday};
use chrono::{NaiveDate, NaiveTime};
use platform::http::fields::Faults;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

const RULES: &[&str] = &["open", "half", "closed"];
const MOST_DAYS: usize = 400;
const MOST_RULES: usize = 100;
/// Candle lighting and nightfall are never further from sunset.
const MOST_MINUTES: u32 = 180;

/// A day given by hand: the date alone, which is closed, or the date with what is done on it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SpecialDay {
    /// `2026-09-12`
    Closed(String),
    Day(RuledDay),
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuledDay {
    /// `2026-09-12`
    pub date: String,
    /// `open`, `half` or `closed`.
    #[serde(default = "closed")]
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

fn closed() -> String {
    "closed".to_owned()
}

/// The days in their order; a fault for each that can not be.
pub fn check_days(faults: &mut Faults, days: &[SpecialDay]) {
    if days.len() > MOST_DAYS {
        faults.add("holidays", "too_many", format!("has more than {MOST_DAYS} days"));
        return;
    }
    for (at, day) in days.iter().enumerate() {
        let field = format!("holidays[{at}]");
        let (date, ruled) = match day {
            SpecialDay::Closed(date) => (date, None),
            SpecialDay::Day(day) => (&day.date, Some(day)),
        };
        if date.parse::<NaiveDate>().is_err() {
            faults.add(&field, "invalid_date", "is a day such as 2026-09-12");
        }
        let Some(day) = ruled else { continue };
        if !RULES.contains(&day.rule.as_str()) {
            let message = format!("is one of {}", RULES.join(", "));
            faults.add(&format!("{field}.rule"), "unknown_value", message);
        }
        if let Some(name) = &day.name
            && (name.chars().count() > 120 || name.chars().any(char::is_control))
        {
            faults.add(&format!("{field}.name"), "too_long", "has more than 120 characters");
        }
    }
}

/// `{"purim": "half"}`
pub fn check_rules(faults: &mut Faults, rules: &BTreeMap<String, String>) {
    if rules.len() > MOST_RULES {
        faults.add(
            "holiday_rules",
            "too_many",
            format!("has more than {MOST_RULES} entries"),
        );
    }
    for (holiday, rule) in rules.iter().take(MOST_RULES) {
        let field = format!("holiday_rules.{}", holiday.escape_default());
        if Holiday::deserialize(&Value::from(holiday.as_str())).is_err() {
            faults.add(&field, "unknown_holiday", "is not a holiday");
        }
        if !RULES.contains(&rule.as_str()) {
            faults.add(&field, "unknown_value", format!("is one of {}", RULES.join(", ")));
        }
    }
}

/// How Sabbath, and the holidays on which no work is done, are kept. While kept, nothing leaves by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessShabbat)]
#[serde(default, deny_unknown_fields)]
pub struct Shabbat {
    pub observe: bool,
    pub start_minutes_before_sunset: u32,
    pub end_minutes_after_sunset: u32,
    /// Whose sunset counts, for example `tel_aviv`.
    pub city: String,
    /// Instead of the sun.
    pub fixed: Option<FixedTimes>,
}

impl Default for Shabbat {
    fn default() -> Self {
        Self {
            observe: true,
            start_minutes_before_sunset: 40,
            end_minutes_after_sunset: 50,
            city: "jerusalem".to_owned(),
            fixed: None,
        }
    }
}

/// On the eve, and on the last day, by the business's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedTimes {
    /// `16:00`
    pub starts: String,
    /// `20:00`
    pub ends: String,
}

impl Shabbat {
    pub fn check(&self, faults: &mut Faults) {
        let minutes = [
            ("start_minutes_before_sunset", self.start_minutes_before_sunset),
            ("end_minutes_after_sunset", self.end_minutes_after_sunset),
        ];
        for (field, value) in minutes {
            if value > MOST_MINUTES {
                let message = format!("is from 0 to {MOST_MINUTES}");
                faults.add(&format!("shabbat.{field}"), "out_of_range", message);
            }
        }
        if City::deserialize(&Value::from(self.city.as_str())).is_err() {
            faults.add(
                "shabbat.city",
                "unknown_city",
                "is a city such as jerusalem or tel_aviv",
            );
        }
        for (field, text) in self
            .fixed
            .iter()
            .flat_map(|fixed| [("starts", &fixed.starts), ("ends", &fixed.ends)])
        {
            check_time(faults, &format!("shabbat.fixed.{field}"), text);
        }
    }
}

pub fn check_time(faults: &mut Faults, field: &str, text: &str) {
    if NaiveTime::parse_from_str(text, "%H:%M").is_err() {
        faults.add(field, "invalid_time", "is a time such as 16:00");
    }
}
