//! A deal's fields, and the states that it goes through.

use chrono::{Datelike, NaiveDate};
use kernel::Problem;
use platform::http::fields::{Faults, Lines, Mentioned, mentioned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MAX_TITLE_CHARS: usize = 300;
pub const MAX_REASON_CHARS: usize = 300;
/// Ten thousand million of the main unit: sums over many deals still fit into 64 bits, probabilities included.
const MOST_MINOR: i64 = 1_000_000_000_000;
/// Of the business's country, when nobody says otherwise.
pub const USUAL_CURRENCY: &str = "ILS";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DealStatus)]
pub enum Status {
    Open,
    Won,
    Lost,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Won, Self::Lost]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// A deal as a client writes it. In an update what is not mentioned stays, and `null` empties.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DealBody {
    /// Required when a deal is created; never blank.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub title: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub customer_id: Mentioned<i64>,
    /// The business's usual pipeline when a deal is created without one; with `stage_id` it need not be said.
    pub pipeline_id: Option<i64>,
    /// The first of the pipeline when it is not said. A deal that is won or lost stays where it is.
    pub stage_id: Option<i64>,
    /// In the currency's smallest unit: agorot for `ILS`.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub amount_minor: Mentioned<i64>,
    /// Three letters of ISO 4217; `ILS` when it is not said.
    pub currency: Option<String>,
    /// A day such as `2026-11-30`.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>, format = Date)]
    pub expected_close: Mentioned<String>,
    /// Whoever creates it, when it is not said.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub owner_id: Mentioned<i64>,
    /// When an admin creates a deal: for which business.
    pub business_id: Option<i64>,
}

/// A checked [`DealBody`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub title: Option<String>,
    pub customer_id: Mentioned<i64>,
    pub pipeline_id: Option<i64>,
    pub stage_id: Option<i64>,
    pub amount_minor: Mentioned<i64>,
    pub currency: Option<String>,
    pub expected_close: Mentioned<String>,
    pub owner_id: Mentioned<i64>,
}

impl DealBody {
    /// 400 for a title that is mentioned and blank, 422 for wrong values.
    pub fn checked(self) -> Result<Fields, Problem> {
        let blank = |title: &Option<String>| title.as_ref().is_none_or(|title| title.trim().is_empty());
        if self.title.as_ref().is_some_and(blank) {
            return Err(Problem::missing("title"));
        }
        let mut faults = Faults::default();
        let fields = Fields {
            title: faults
                .optional_text("title", self.title, MAX_TITLE_CHARS, Lines::One)
                .flatten(),
            customer_id: self.customer_id,
            pipeline_id: self.pipeline_id,
            stage_id: self.stage_id,
            amount_minor: self.amount_minor,
            currency: self.currency.and_then(|code| currency(&mut faults, &code)),
            expected_close: self
                .expected_close
                .map(|day| day.and_then(|day| a_day(&mut faults, "expected_close", &day))),
            owner_id: self.owner_id,
        };
        if fields
            .amount_minor
            .flatten()
            .is_some_and(|amount| !(0..=MOST_MINOR).contains(&amount))
        {
            faults.add("amount_minor", "out_of_range", format!("is from 0 to {MOST_MINOR}"));
        }
        faults.done()?;
        Ok(fields)
    }
}

fn currency(faults: &mut Faults, code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Some(code);
    }
    faults.add("currency", "invalid_currency", "is three letters such as ILS");
    None
}

/// A day such as `2026-11-30`, written in just this way, so that days compare as texts.
pub fn a_day(faults: &mut Faults, field: &str, text: &str) -> Option<String> {
    let day = text.trim().parse::<NaiveDate>().ok();
    let day = day.filter(|day| (1970..=2200).contains(&day.year()));
    if day.is_none() {
        faults.add(field, "invalid_date", "is a day such as 2026-11-30");
    }
    day.map(|day| day.to_string())
}

/// Why a deal was lost, in a few words; the same words count as the same reason.
pub fn reason(text: Option<&str>) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let reason = faults.text("reason", text.unwrap_or_default(), MAX_REASON_CHARS, Lines::One);
    faults.done()?;
    let reason = reason.ok_or_else(|| Problem::missing("reason"))?;
    Ok(reason.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: serde_json::Value) -> Result<Fields, Problem> {
        serde_json::from_value::<DealBody>(body)
            .expect("the right types")
            .checked()
    }

    #[test]
    fn a_deal_is_read_and_every_fault_told() {
        let body = serde_json::json!({"title": " דירה ", "currency": "ils", "expected_close": "2026-11-30", "amount_minor": null});
        let fields = read(body).expect("fields");
        assert_eq!(fields.title.as_deref(), Some("דירה"));
        assert_eq!(fields.currency.as_deref(), Some("ILS"));
        assert_eq!(fields.expected_close, Some(Some("2026-11-30".to_owned())));
        assert_eq!(fields.amount_minor, Some(None));
        let wrong = serde_json::json!({"title": "x\u{0}", "currency": "shekel", "expected_close": "2026-02-30", "amount_minor": -1});
        let wrong = read(wrong).expect_err("faults");
        let fields: Vec<&str> = wrong.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["title", "currency", "expected_close", "amount_minor"]);
        assert_eq!(read(serde_json::json!({"title": " "})).expect_err("blank").status, 400);
    }

    #[test]
    fn a_reason_is_a_few_words() {
        assert_eq!(reason(Some("  מחיר   גבוה ")).ok().as_deref(), Some("מחיר גבוה"));
        assert_eq!(reason(None).expect_err("none").status, 400);
        assert_eq!(reason(Some(&"x".repeat(301))).expect_err("long").status, 422);
    }
}
