//! How a business answers its phone: reading a change, and writing it.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use kernel::{Phone, Problem};
use platform::db::{AuditEntry, WriteTx};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    actions,
    days::{self, Shabbat, SpecialDay},
    legal::Legal,
    lists::Choice,
    numbers::{self, PhoneNumber},
    store, whatsapp,
};
use platform::http::fields::{Faults, Lines, Mentioned, mentioned};

/// The languages that a business may answer in.
pub const LANGUAGES: &[&str] = &["he-IL", "en-US", "ar-IL", "ru-RU"];
const CALL_MODES: &[&str] = &["realtime", "turn_based", "voicemail"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const GENDERS: &[&str] = &["feminine", "masculine"];
/// A voicemail shorter or longer than this is refused (spec of the recording verb).
const VOICEMAIL_SECONDS: std::ops::RangeInclusive<i32> = 30..=120;
/// The value of `agent_visibility` by which agents see their own records and nobody's.
pub const OWN_AND_UNASSIGNED: &str = "own_and_unassigned";
const AGENT_VISIBILITIES: &[&str] = &["all", OWN_AND_UNASSIGNED];
const SHABBAT_MODES: &[&str] = &["agent", "message", "closed"];
const LONGEST_PROMPT: usize = 8_000;
pub const LONGEST_TEXT: usize = 600;
const MOST_ENTRIES: usize = 100;

/// Opening hours by weekday: `{"sun": [["09:00", "17:00"]], …}`; a day that is not named is closed.
pub type Hours = BTreeMap<String, Vec<(String, String)>>;

/// A change of settings: what is not mentioned stays, `null` goes back to the default.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Not for managers.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) name: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) domain: Mentioned<String>,
    /// Set by the module's own operations.
    #[serde(skip)]
    pub(super) modules: Option<Value>,
    pub(super) timezone: Option<String>,
    pub(super) language: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) call_mode: Mentioned<String>,
    pub(super) after_hours_mode: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) greeting_text: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) agent_name: Mentioned<String>,
    pub(super) agent_gender: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) agent_prompt: Mentioned<String>,
    #[schema(value_type = Option<BTreeMap<String, Vec<Vec<String>>>>)]
    pub(super) hours: Option<Hours>,
    /// Days given by hand; they win over the Hebrew calendar's.
    pub(super) holidays: Option<Vec<SpecialDay>>,
    /// `{"purim": "half"}`: where the business differs from the Hebrew calendar's own rule; `open`, `half` or `closed`.
    pub(super) holiday_rules: Option<BTreeMap<String, String>>,
    /// `13:00`
    pub(super) half_day_ends: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Shabbat>)]
    pub(super) shabbat: Mentioned<Shabbat>,
    /// What callers and writers meet meanwhile: `agent`, `message` or `closed`.
    pub(super) shabbat_mode: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Legal>)]
    pub(super) legal: Mentioned<Legal>,
    /// Which records agents see: `all` or `own_and_unassigned`.
    pub(super) agent_visibility: Option<String>,
    /// Whether agents see totals, reports, and other people's deals and invoices.
    pub(super) agents_see_money: Option<bool>,
    pub(super) lead_sources: Option<Vec<Choice>>,
    /// A phone or the id of a user.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub(super) transfer_to: Mentioned<String>,
    /// Ids of users, in the order in which they are rung.
    pub(super) call_out_order: Option<Vec<i64>>,
    pub(super) voicemail_seconds: Option<i32>,
    /// Fixed sentences worded otherwise, by their key.
    pub(super) sentences: Option<BTreeMap<String, String>>,
    /// What the agent may tell, by topic.
    pub(super) facts: Option<BTreeMap<String, String>>,
    pub(super) phone_numbers: Option<Vec<PhoneNumber>>,
    #[schema(value_type = Option<whatsapp::Change>)]
    pub(super) whatsapp: Option<whatsapp::Change>,
}

/// Writes a change under the audit entry's name `action`. All faults are told at once, and then nothing is written.
///
/// 400 `invalid_name`, 409 `name_exists`, 409 `number_taken`.
pub async fn apply(
    tx: &WriteTx,
    business: store::Model,
    change: Change,
    action: &'static str,
) -> Result<store::Model, Problem> {
    let id = business.id;
    let before = comparable(&business);
    let mut faults = Faults::default();
    let numbers = change
        .phone_numbers
        .as_ref()
        .map(|numbers| numbers::read(&mut faults, numbers));
    if let Some(order) = &change.call_out_order {
        check_people(tx, &mut faults, order).await?;
    }
    let name = change.name.as_ref().map(|name| actions::changed_name(name.as_deref()));
    let name = name.transpose()?;
    let mut row = business.into_active_model();
    set_words(&mut row, &mut faults, &change);
    set_days(&mut row, &mut faults, &change);
    set_texts(&mut row, &mut faults, change);
    faults.done()?;
    if let Some(name) = name {
        row.name = Set(name);
    }
    let now = tx.now();
    row.version = Set(row.version.as_ref() + 1);
    row.updated_at = Set(now);
    let after = tx.update(row).await.map_err(actions::name_taken)?;
    if let Some(numbers) = numbers {
        numbers::replace(tx, numbers).await?;
    }
    tx.audit(AuditEntry {
        action,
        record_type: "business",
        record_id: Some(id),
        changes: difference(&before, &comparable(&after)),
    })
    .await?;
    tx.emit(actions::event(id)).await?;
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
        one_of(faults, "language", language, LANGUAGES);
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
    if let Some(visibility) = &change.agent_visibility {
        one_of(faults, "agent_visibility", visibility, AGENT_VISIBILITIES);
        row.agent_visibility = Set(visibility.clone());
    }
    if let Some(see) = change.agents_see_money {
        row.agents_see_money = Set(see);
    }
    if let Some(order) = &change.call_out_order {
        row.call_out_order = Set(json!(order));
    }
    if let Some(modules) = &change.modules {
        row.modules = Set(modules.clone());
    }
}

/// When it is open, and when it rests.
fn set_days(row: &mut store::ActiveModel, faults: &mut Faults, change: &Change) {
    if let Some(hours) = &change.hours {
        check_hours(faults, hours);
        row.hours = Set(json!(hours));
    }
    if let Some(holidays) = &change.holidays {
        days::check_days(faults, holidays);
        row.holidays = Set(json!(holidays));
    }
    if let Some(rules) = &change.holiday_rules {
        days::check_rules(faults, rules);
        row.holiday_rules = Set(json!(rules));
    }
    if let Some(ends) = &change.half_day_ends {
        days::check_time(faults, "half_day_ends", ends);
        row.half_day_ends = Set(ends.clone());
    }
    if let Some(shabbat) = &change.shabbat {
        if let Some(shabbat) = shabbat {
            shabbat.check(faults);
        }
        row.shabbat = Set(shabbat.as_ref().map(|shabbat| json!(shabbat)));
    }
    if let Some(mode) = &change.shabbat_mode {
        one_of(faults, "shabbat_mode", mode, SHABBAT_MODES);
        row.shabbat_mode = Set(mode.clone());
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
    if let Some(domain) = faults.optional_text("domain", change.domain, 253, Lines::One) {
        row.domain = Set(domain);
    }
    if let Some(legal) = change.legal {
        row.legal = Set(legal.and_then(|legal| legal.checked(faults)).map(|legal| json!(legal)));
    }
    if let Some(sources) = change.lead_sources {
        row.lead_sources = Set(json!(Choice::checked(faults, "lead_sources", sources)));
    }
    if let Some(choices) = change.whatsapp {
        row.whatsapp = Set(choices.applied(faults, row.whatsapp.as_ref()));
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

/// The fields that an audit entry compares; long texts only by whether they are there.
fn comparable(business: &store::Model) -> Value {
    json!({
        "name": business.name,
        "domain": business.domain,
        "modules": business.modules,
        "timezone": business.timezone,
        "language": business.language,
        "call_mode": business.call_mode,
        "after_hours_mode": business.after_hours_mode,
        "agent_name": business.agent_name,
        "agent_gender": business.agent_gender,
        "hours": business.hours,
        "holidays": business.holidays,
        "holiday_rules": business.holiday_rules,
        "half_day_ends": business.half_day_ends,
        "shabbat": business.shabbat,
        "shabbat_mode": business.shabbat_mode,
        "legal": business.legal,
        "agent_visibility": business.agent_visibility,
        "agents_see_money": business.agents_see_money,
        "lead_sources": business.lead_sources,
        "call_out_order": business.call_out_order,
        "voicemail_seconds": business.voicemail_seconds,
        "has_greeting": business.greeting_text.is_some(),
        "has_prompt": business.agent_prompt.is_some(),
        "transfers": business.transfer_to.is_some(),
        "whatsapp": whatsapp::Choices::of(business).told(),
    })
}

/// `{field: {from, to}}` of what differs.
pub fn difference(before: &Value, after: &Value) -> Value {
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
