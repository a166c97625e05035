//! The crate against tables made by other libraries, and by hand.

#![expect(clippy::expect_used, reason = "a test stops where it cannot go on")]

mod any_settings;
mod business_time;
mod hebrew;
mod recurrence;
mod settings;
mod sun;

use chrono::{DateTime, NaiveDate, Utc};

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect())
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_str(&text.replace('Z', "+0000"), "%Y-%m-%dT%H:%M%z")
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .expect("a time")
        .with_timezone(&Utc)
}
