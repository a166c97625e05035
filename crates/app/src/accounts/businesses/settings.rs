//! How a business answers its phone: reading a change, and writing it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::{Phone, Problem};
use platform::db::{AuditEntry, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::{self, number};
use platform::http::fields::{Faults, Lines, Mentioned, mentioned};

const CALL_MODES: &[&str] = &["realtime", "turn_based", "voicemail"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const GENDERS: &[&str] = &["feminine", "masculine"];
/// A voicemail shorter or longer than this is refused (spec of the recording verb).
const VOICEMAIL_SECONDS: std::ops::RangeInclusive<i32> = 30..=120;
const LONGEST_PROMPT: usize = 8_000;
const LONGEST_TEXT: usize = 600;
const MOST_ENTRIES: usize = 100;

/// Opening hours by weekday: `{"sun": [["09:00", "17:00"]], …}`; a day that is not named is closed.
pub type Hours = BTreeMap<String, Vec<(String, String)>>;

/// A phone number of the business.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneNumber {
    /// E.164 in answers; any usual form is taken.
    pub number: String,
    #[serde(default = "yes")]
    pub voice: bool,
    #[serde(default)]
    pub whatsapp: bool,
}

const fn yes() -> bool {
    true
}

/// A change of settings: what is not mentioned stays, `null` goes back to the default.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    timezone: Option<String>,
    language: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    call_mode: Mentioned<String>,
    after_hours_mode: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    greeting_text: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    agent_name: Mentioned<String>,
    agent_gender: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    agent_prompt: Mentioned<String>,
    #[schema(value_type = Option<BTreeMap<String, Vec<Vec<String>>>>)]
    hours: Option<Hours>,
    /// Days on which the business is closed, `2026-09-12`.
    holidays: Option<Vec<String>>,
    /// A phone or the id of a user.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    transfer_to: Mentioned<String>,
    /// Ids of users, in the order in which they are rung.
    call_out_order: Option<Vec<i64>>,
    voicemail_seconds: Option<i32>,
    /// Fixed sentences worded otherwise, by their key.
    sentences: Option<BTreeMap<String, String>>,
    /// What the agent may tell, by topic.
    facts: Option<BTreeMap<String, String>>,
    phone_numbers: Option<Vec<PhoneNumber>>,
}

/// Writes a change. All faults are told at once, and then nothing is written.
pub async fn apply(tx: &WriteTx, business: store::Model, change: Change) -> Result<store::Model, Problem> {
    let id = business.id;
    let before = comparable(&business);
    let mut faults = Faults::default();
    let numbers = change
        .phone_numbers
        .as_ref()
        .map(|numbers| read_numbers(&mut faults, numbers));
    if let Some(order) = &change.call_out_order {
        check_people(tx, &mut faults, order).await?;
    }
    let mut row = business.into_active_model();
    set_words(&mut row, &mut faults, &change);
    set_texts(&mut row, &mut faults, change);
    faults.done()?;
    let now = tx.now();
    row.version = Set(row.version.as_ref() + 1);
    row.updated_at = Set(now);
    let after = tx.update(row).await?;
    if let Some(numbers) = numbers {
        replace_numbers(tx, numbers, now).await?;
    }
    tx.audit(AuditEntry {
        action: "business.settings_changed",
        record_type: "business",
        record_id: Some(id),
        changes: difference(&before, &comparable(&after)),
    })
    .await?;
    Ok(after)
}

/// Fields that hold one of a few words, or a value of a strict form.
fn set_words(row: &mut store::ActiveModel, faults: &mut Faults, change: &Change) {
    if let Some(zone) = &change.timezone {
        if zone.parse::<chrono_tz::Tz>().is_err() {
            faults.add(
                "timezone",
                "unknown_timezone",
                "is not a time zone such as Asia/Jerusalem",
            );
        }
        row.timezone = Set(zone.clone());
    }
    if let Some(language) = &change.language {
        one_of(faults, "language", language, &["he-IL", "en-US", "ar-IL", "ru-RU"]);
        row.language = Set(language.clone());
    }
    if let Some(mode) = &change.call_mode {
        if let Some(mode) = mode {
            one_of(faults, "call_mode", mode, CALL_MODES);
        }
        row.call_mode = Set(mode.clone());
    }
    if let Some(mode) = &change.after_hours_mode {
        one_of(faults, "after_hours_mode", mode, CALL_MODES);
        row.after_hours_mode = Set(mode.clone());
    }
    if let Some(gender) = &change.agent_gender {
        one_of(faults, "agent_gender", gender, GENDERS);
        row.agent_gender = Set(gender.clone());
    }
    if let Some(seconds) = change.voicemail_seconds {
        if !VOICEMAIL_SECONDS.contains(&seconds) {
            faults.add("voicemail_seconds", "out_of_range", "is from 30 to 120");
        }
        row.voicemail_seconds = Set(seconds);
    }
    if let Some(hours) = &change.hours {
        check_hours(faults, hours);
        row.hours = Set(json!(hours));
    }
    if let Some(holidays) = &change.holidays {
        if holidays.len() > 400 || holidays.iter().any(|day| day.parse::<NaiveDate>().is_err()) {
            faults.add("holidays", "invalid_date", "are days such as 2026-09-12");
        }
        row.holidays = Set(json!(holidays));
    }
    if let Some(order) = &change.call_out_order {
        row.call_out_order = Set(json!(order));
    }
}

/// Fields that hold what a person wrote.
fn set_texts(row: &mut store::ActiveModel, faults: &mut Faults, change: Change) {
    if let Some(text) = faults.optional_text("greeting_text", change.greeting_text, LONGEST_TEXT, Lines::Many) {
        row.greeting_text = Set(text);
    }
    if let Some(text) = faults.optional_text("agent_name", change.agent_name, 60, Lines::One) {
        row.agent_name = Set(text);
    }
    if let Some(text) = faults.optional_text("agent_prompt", change.agent_prompt, LONGEST_PROMPT, Lines::Many) {
        row.agent_prompt = Set(text);
    }
    if let Some(target) = change.transfer_to {
        row.transfer_to = Set(target.and_then(|target| transfer_target(faults, &target)));
    }
    if let Some(sentences) = change.sentences {
        row.sentences = Set(json!(entries(faults, "sentences", sentences)));
    }
    if let Some(facts) = change.facts {
        row.facts = Set(json!(entries(faults, "facts", facts)));
    }
}

fn one_of(faults: &mut Faults, field: &str, word: &str, known: &[&str]) {
    if !known.contains(&word) {
        faults.add(field, "unknown_value", format!("is one of {}", known.join(", ")));
    }
}

/// A user's id, or a phone in E.164.
fn transfer_target(faults: &mut Faults, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.len() < 7 && text.parse::<i64>().is_ok() {
        return Some(text.to_owned());
    }
    if let Ok(phone) = Phone::parse(text) {
        return Some(phone.into());
    }
    faults.add("transfer_to", "invalid_phone", "is a phone or a user's id");
    None
}

fn entries(faults: &mut Faults, field: &str, given: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if given.len() > MOST_ENTRIES {
        faults.add(field, "too_many", format!("has more than {MOST_ENTRIES} entries"));
        return BTreeMap::new();
    }
    given
        .into_iter()
        .filter_map(|(key, text)| {
            let text = faults.text(&format!("{field}.{key}"), &text, LONGEST_TEXT, Lines::Many)?;
            Some((key, text))
        })
        .collect()
}

fn check_hours(faults: &mut Faults, hours: &Hours) {
    for (day, spans) in hours {
        let field = format!("hours.{day}");
        if !WEEKDAYS.contains(&day.as_str()) {
            faults.add(&field, "unknown_day", format!("days are {}", WEEKDAYS.join(", ")));
        }
        let mut last = None;
        for (from, to) in spans {
            let span = (clock_time(from), clock_time(to));
            match span {
                (Some(from), Some(to)) if from < to && last.is_none_or(|last| last <= from) => {
                    last = Some(to);
                }
                _ => faults.add(&field, "invalid_hours", "spans are [\"09:00\", \"17:00\"], in order"),
            }
        }
    }
}

/// Minutes since midnight; `24:00` is the day's end.
fn clock_time(text: &str) -> Option<NaiveTime> {
    if text == "24:00" {
        return NaiveTime::from_hms_milli_opt(23, 59, 59, 999);
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

fn read_numbers(faults: &mut Faults, numbers: &[PhoneNumber]) -> Vec<PhoneNumber> {
    if numbers.len() > MOST_ENTRIES {
        faults.add("phone_numbers", "too_many", "has too many numbers");
        return Vec::new();
    }
    let mut read: Vec<PhoneNumber> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let field = format!("phone_numbers[{at}].number");
        match Phone::parse(&number.number) {
            Ok(phone) if read.iter().any(|other| other.number == phone.as_str()) => {
                faults.add(&field, "duplicate", "stands here twice");
            }
            Ok(phone) => read.push(PhoneNumber {
                number: phone.into(),
                ..*number
            }),
            Err(err) => faults.add(&field, "invalid_phone", err.to_string()),
        }
    }
    read
}

async fn check_people(tx: &WriteTx, faults: &mut Faults, ids: &[i64]) -> Result<(), Problem> {
    use crate::accounts::users::store::{Column, Entity};
    let known = tx
        .find::<Entity>()
        .filter(Column::Id.is_in(ids.iter().copied().take(MOST_ENTRIES)))
        .all()
        .await?;
    if ids.iter().any(|id| !known.iter().any(|user| user.id == *id)) {
        faults.add(
            "call_out_order",
            "unknown_user",
            "names somebody who is not of this business",
        );
    }
    Ok(())
}

/// 409 `number_taken` when a number is another business's.
async fn replace_numbers(tx: &WriteTx, numbers: Vec<PhoneNumber>, now: DateTime<Utc>) -> Result<(), Problem> {
    tx.delete_many::<number::Entity>()?.exec().await?;
    for wanted in numbers {
        let row = number::ActiveModel {
            number: Set(wanted.number),
            voice: Set(wanted.voice),
            whatsapp: Set(wanted.whatsapp),
            created_at: Set(now),
            ..Default::default()
        };
        tx.insert(row).await.map_err(|err| {
            if err.is_duplicate() {
                Problem::conflict("number_taken", "a number belongs to another business")
            } else {
                err.into()
            }
        })?;
    }
    Ok(())
}

/// The fields that an audit entry compares; long texts only by whether they are there.
fn comparable(business: &store::Model) -> Value {
    json!({
        "timezone": business.timezone,
        "language": business.language,
        "call_mode": business.call_mode,
        "after_hours_mode": business.after_hours_mode,
        "agent_name": business.agent_name,
        "agent_gender": business.agent_gender,
        "hours": business.hours,
        "holidays": business.holidays,
        "call_out_order": business.call_out_order,
        "voicemail_seconds": business.voicemail_seconds,
        "has_greeting": business.greeting_text.is_some(),
        "has_prompt": business.agent_prompt.is_some(),
        "transfers": business.transfer_to.is_some(),
    })
}

fn difference(before: &Value, after: &Value) -> Value {
    let empty = serde_json::Map::new();
    let (before, after) = (
        before.as_object().unwrap_or(&empty),
        after.as_object().unwrap_or(&empty),
    );
    after
        .iter()
        .filter(|(field, value)| before.get(*field) != Some(*value))
        .map(|(field, value)| (field.clone(), json!({ "from": before.get(field), "to": value })))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
