//! A task's fields, and the states that it goes through.

use calendar::Repeat;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use platform::http::fields::{Faults, Lines, Mentioned, mentioned};

const MAX_TITLE_CHARS: usize = 300;
const MAX_NOTES_CHARS: usize = 20_000;
/// Four weeks.
const MOST_MINUTES_BEFORE: i32 = 40_320;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    /// Put off: it comes back when it is due.
    Snoozed,
    Done,
}

impl Status {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Snoozed, Self::Done]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

impl Priority {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Low, Self::Normal, Self::High]
            .into_iter()
            .find(|priority| priority.as_str() == text)
    }
}

/// Who made a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    #[default]
    Manual,
    Call,
    Whatsapp,
    Rule,
}

impl Source {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Call => "call",
            Self::Whatsapp => "whatsapp",
            Self::Rule => "rule",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Manual, Self::Call, Self::Whatsapp, Self::Rule]
            .into_iter()
            .find(|source| source.as_str() == text)
    }
}

/// A task as a client writes it. In an update what is not mentioned stays, and `null` empties.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaskBody {
    /// Required when a task is created; never blank.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub title: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub notes: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub customer_id: Mentioned<i64>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub assignee_id: Mentioned<i64>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub due_at: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<Priority>)]
    pub priority: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i64>)]
    pub deal_id: Mentioned<i64>,
    /// An RFC 5545 rule such as `FREQ=WEEKLY;BYDAY=SU`, in the business's zone; needs `due_at`.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub repeat: Mentioned<String>,
    /// The alarm comes so long before `due_at`, at most four weeks.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<i32>)]
    pub remind_before_minutes: Mentioned<i32>,
    /// When an admin creates a task: for which business.
    pub business_id: Option<i64>,
}

/// A checked [`TaskBody`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub title: Option<String>,
    pub notes: Mentioned<String>,
    pub customer_id: Mentioned<i64>,
    pub assignee_id: Mentioned<i64>,
    pub due_at: Mentioned<DateTime<Utc>>,
    pub priority: Option<Priority>,
    pub deal_id: Mentioned<i64>,
    pub repeat: Mentioned<String>,
    pub remind_before_minutes: Mentioned<i32>,
}

impl TaskBody {
    /// 400 for a title that is mentioned and blank, 422 for wrong values.
    pub fn checked(self) -> Result<Fields, Problem> {
        if self
            .title
            .as_ref()
            .is_some_and(|title| title.as_ref().is_none_or(|title| title.trim().is_empty()))
        {
            return Err(Problem::missing("title"));
        }
        let mut faults = Faults::default();
        let fields = Fields {
            title: faults
                .optional_text("title", self.title, MAX_TITLE_CHARS, Lines::One)
                .flatten(),
            notes: faults.optional_text("notes", self.notes, MAX_NOTES_CHARS, Lines::Many),
            customer_id: self.customer_id,
            assignee_id: self.assignee_id,
            due_at: self.due_at.map(|due| due.and_then(|due| faults.time("due_at", &due))),
            priority: self.priority.and_then(|priority| read_priority(&mut faults, priority)),
            deal_id: self.deal_id,
            repeat: self
                .repeat
                .map(|rule| rule.and_then(|rule| read_rule(&mut faults, &rule))),
            remind_before_minutes: self.remind_before_minutes,
        };
        if fields
            .remind_before_minutes
            .flatten()
            .is_some_and(|minutes| !(0..=MOST_MINUTES_BEFORE).contains(&minutes))
        {
            faults.add("remind_before_minutes", "out_of_range", "is from 0 to 40320");
        }
        faults.done()?;
        Ok(fields)
    }
}

fn read_priority(faults: &mut Faults, priority: Option<String>) -> Option<Priority> {
    let Some(text) = priority else {
        return Some(Priority::Normal);
    };
    let read = Priority::parse(&text);
    if read.is_none() {
        faults.add("priority", "unknown_priority", "is one of low, normal, high");
    }
    read
}

/// A rule that reads; blank is none.
fn read_rule(faults: &mut Faults, rule: &str) -> Option<String> {
    let rule = rule.trim();
    if rule.is_empty() {
        return None;
    }
    // Whether a rule reads does not depend on the zone.
    match Repeat::parse(rule, chrono_tz::UTC) {
        Ok(_) => Some(rule.to_owned()),
        Err(err) => {
            faults.add("repeat", "invalid_rule", err.to_string());
            None
        }
    }
}

/// When the alarm of a task is raised: as long before it is due as its people want.
pub fn alarm_at(due_at: Option<DateTime<Utc>>, remind_before_minutes: Option<i32>) -> Option<DateTime<Utc>> {
    due_at?.checked_sub_signed(TimeDelta::minutes(remind_before_minutes.unwrap_or(0).into()))
}

/// A task that an action, a tool or a job makes.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    pub title: String,
    pub notes: Option<String>,
    pub customer_id: Option<i64>,
    pub call_id: Option<i64>,
    pub assignee_id: Option<i64>,
    pub due_at: Option<DateTime<Utc>>,
    pub priority: Priority,
    pub source: Source,
    pub deal_id: Option<i64>,
    pub repeat: Option<String>,
    /// Where the series began, when this is not its first.
    pub repeat_from: Option<DateTime<Utc>>,
    pub remind_before_minutes: Option<i32>,
}

impl NewTask {
    /// From a form: 400 `missing_field` without a title.
    pub fn from_fields(fields: Fields) -> Result<Self, Problem> {
        Ok(Self {
            title: fields.title.ok_or_else(|| Problem::missing("title"))?,
            notes: fields.notes.flatten(),
            customer_id: fields.customer_id.flatten(),
            assignee_id: fields.assignee_id.flatten(),
            due_at: fields.due_at.flatten(),
            priority: fields.priority.unwrap_or_default(),
            deal_id: fields.deal_id.flatten(),
            repeat: fields.repeat.flatten(),
            remind_before_minutes: fields.remind_before_minutes.flatten(),
            ..Self::default()
        })
    }

    /// A model's title may be long or hold anything: what is kept is short and clean. 400 without one.
    pub fn tidied(self) -> Result<Self, Problem> {
        let clean = |text: &str, most: usize| {
            let text: String = text
                .chars()
                .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
                .take(most)
                .collect();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let title = clean(&self.title.replace(['\n', '\r', '\t'], " "), MAX_TITLE_CHARS);
        Ok(Self {
            title: title.ok_or_else(|| Problem::missing("title"))?,
            notes: self.notes.as_deref().and_then(|notes| clean(notes, MAX_NOTES_CHARS)),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_task_is_tidied() {
        let task = |title: &str| NewTask {
            title: title.to_owned(),
            notes: Some("\u{0}a\nb".to_owned()),
            ..NewTask::default()
        };
        let tidied = task(" לחזור\nלדנה\u{0} ").tidied().expect("a task");
        assert_eq!(
            (tidied.title.as_str(), tidied.notes.as_deref()),
            ("לחזור לדנה", Some("a\nb"))
        );
        assert_eq!(task(&"x".repeat(10_000)).tidied().expect("a task").title.len(), 300);
        assert_eq!(task(" \u{0} ").tidied().expect_err("no title").status, 400);
    }
}
