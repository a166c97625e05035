//! Reading what a client sends: every field is checked, and all faults are told at once.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kernel::{FieldError, Problem};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A field of a partial update: not mentioned, emptied (`null`), or set.
pub type Mentioned<T> = Option<Option<T>>;

/// For `#[serde(default, deserialize_with = "mentioned")]`: a `null` counts as mentioned.
pub fn mentioned<'de, D, T>(deserializer: D) -> Result<Mentioned<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// The faults of one body.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    pub fn add(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        });
    }

    /// 422 `invalid` with every fault, unless there is none.
    pub fn done(self) -> Result<(), Problem> {
        let Some(first) = self.0.first() else {
            return Ok(());
        };
        let mut problem = Problem::new(422, "invalid", format!("{}: {}", first.field, first.message));
        problem.errors = self.0;
        Err(problem)
    }

    /// Trimmed text of at most `most` characters; blank is `None`. `lines` allows line breaks and tabs.
    pub fn text(&mut self, field: &str, text: &str, most: usize, lines: Lines) -> Option<String> {
        let text = text.trim();
        if text
            .chars()
            .any(|c| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\r' | '\t')))
        {
            self.add(field, "invalid_characters", "contains control characters");
            return None;
        }
        if text.chars().count() > most {
            self.add(field, "too_long", format!("has more than {most} characters"));
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// As [`Faults::text`], for a field that may be emptied.
    pub fn optional_text(
        &mut self,
        field: &str,
        text: Mentioned<String>,
        most: usize,
        lines: Lines,
    ) -> Mentioned<String> {
        text.map(|text| text.and_then(|text| self.text(field, &text, most, lines)))
    }

    /// An RFC 3339 time, in years that people live in.
    pub fn time(&mut self, field: &str, text: &str) -> Option<DateTime<Utc>> {
        let time = DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.with_timezone(&Utc));
        let near = time
            .and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()))
            .filter(|time| (1970..=2200).contains(&time.year()));
        if near.is_none() {
            self.add(
                field,
                "invalid_time",
                "is not an RFC 3339 time such as 2026-03-01T09:00:00Z",
            );
        }
        near
    }
}

/// Whether a text may have several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    One,
    Many,
}

/// Whether any text in a JSON value holds a character that a database refuses.
pub fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// `true` or `false` in a query string.
pub fn flag_param(name: &str, text: Option<&str>) -> Result<Option<bool>, Problem> {
    match text {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Problem::invalid(name, "wrong_type", "is true or false")),
    }
}

/// A short text in a query string.
pub fn text_param<'a>(name: &str, text: &'a str) -> Result<&'a str, Problem> {
    if text.chars().any(char::is_control) || text.len() > 400 {
        return Err(Problem::invalid(
            name,
            "invalid_characters",
            "is too long or has control characters",
        ));
    }
    Ok(text)
}

/// An RFC 3339 time in a query string, or a day, which begins at midnight UTC.
pub fn time_param(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let day = text
        .parse::<NaiveDate>()
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|time| time.and_utc());
    if let Some(day) = day.filter(|day| (1970..=2200).contains(&day.year())) {
        return Ok(Some(day));
    }
    let mut faults = Faults::default();
    let time = faults.time(name, text);
    faults.done()?;
    Ok(time)
}
