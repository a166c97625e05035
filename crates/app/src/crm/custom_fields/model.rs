//! The types of fields, and reading their values.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use utoipa::ToSchema;

use super::store::Model;

/// The one entity that has such fields.
pub const CUSTOMER: &str = "customer";
const MAX_TEXT_CHARS: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustomFieldKind)]
pub enum Kind {
    Text,
    Number,
    /// `2026-03-01`.
    Date,
    /// One of the field's choices.
    Choice,
    Boolean,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Text, Self::Number, Self::Date, Self::Choice, Self::Boolean];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice => "choice",
            Self::Boolean => "boolean",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Model {
    /// The value as it is kept; `None` when the field does not take it.
    pub fn read(&self, value: &Value) -> Option<Value> {
        match (Kind::parse(&self.kind)?, value) {
            (Kind::Text, Value::String(text)) => {
                let text = text.trim();
                let sound = !text.is_empty() && text.chars().count() <= MAX_TEXT_CHARS && !text.contains('\0');
                sound.then(|| text.into())
            }
            (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => Some(value.clone()),
            (Kind::Date, Value::String(text)) => {
                let date: NaiveDate = text.trim().parse().ok()?;
                Some(date.format("%Y-%m-%d").to_string().into())
            }
            (Kind::Choice, Value::String(text)) => self.choices().contains(&text.as_str()).then(|| value.clone()),
            _ => None,
        }
    }

    /// The value that a file's cell says: numbers with thousands and a currency, days first, yes and no in words.
    pub fn read_cell(&self, cell: &str) -> Option<Value> {
        let cell = cell.trim();
        let said = match Kind::parse(&self.kind)? {
            Kind::Number => Value::Number(number(cell)?),
            Kind::Date => date(cell)?.to_string().into(),
            Kind::Boolean => yes_or_no(cell)?.into(),
            Kind::Text | Kind::Choice => cell.into(),
        };
        self.read(&said)
    }

    /// What it takes, for whoever sent something else.
    pub fn wants(&self) -> String {
        match Kind::parse(&self.kind) {
            Some(Kind::Number) => "is not a number".to_owned(),
            Some(Kind::Date) => "is not a date such as 2026-03-01".to_owned(),
            Some(Kind::Choice) => format!("is not one of {}", self.choices().join(", ")),
            Some(Kind::Boolean) => "is not true or false".to_owned(),
            _ => format!("is not a text of 1 to {MAX_TEXT_CHARS} characters"),
        }
    }

    pub fn choices(&self) -> Vec<&str> {
        let choices = self.choices.as_array();
        choices.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

fn number(cell: &str) -> Option<Number> {
    let bare: String = cell
        .chars()
        .filter(|c| !matches!(c, ',' | '₪' | ' ' | '\u{a0}'))
        .collect();
    if let Ok(whole) = bare.parse::<i64>() {
        return Some(whole.into());
    }
    bare.parse().ok().and_then(Number::from_f64)
}

/// As the product writes dates, or as people in Israel do. A spreadsheet's own dates come with a time.
fn date(cell: &str) -> Option<NaiveDate> {
    let day = cell.split(['T', ' ']).next().unwrap_or_default();
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(day, form).ok())
        .filter(|date| (1..=9999).contains(&date.year()))
}

/// A word for yes or no, as files have them.
pub fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "כן" | "true" | "yes" | "1" | "x" | "v" | "✓" | "אמת" => Some(true),
        "לא" | "false" | "no" | "0" | "-" | "שקר" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: Kind) -> Model {
        Model {
            id: 1,
            business_id: 1,
            entity: CUSTOMER.to_owned(),
            key: "k".to_owned(),
            label: "K".to_owned(),
            kind: kind.as_str().to_owned(),
            choices: json!(["small", "large"]),
            position: 0,
            archived: false,
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn each_type_takes_its_own_values_only() {
        let values = [
            (Kind::Text, json!(" a "), json!("a")),
            (Kind::Number, json!(1.5), json!(1.5)),
            (Kind::Date, json!("2026-02-28"), json!("2026-02-28")),
            (Kind::Choice, json!("small"), json!("small")),
            (Kind::Boolean, json!(false), json!(false)),
        ];
        for (kind, value, kept) in &values {
            assert_eq!(field(*kind).read(value).as_ref(), Some(kept), "{kind:?}");
        }
        for (kind, value) in [
            (Kind::Text, json!("")),
            (Kind::Text, json!(1)),
            (Kind::Text, json!("x".repeat(2_001))),
            (Kind::Text, json!("a\u{0}b")),
            (Kind::Number, json!("1")),
            (Kind::Date, json!("2026-02-29")),
            (Kind::Date, json!("01/02/2026")),
            (Kind::Choice, json!("huge")),
            (Kind::Boolean, json!("true")),
            (Kind::Boolean, json!(1)),
            (Kind::Text, json!(["a"])),
        ] {
            assert_eq!(field(kind).read(&value), None, "{kind:?} {value}");
        }
    }
}
