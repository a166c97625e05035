//! A business's own choices for WhatsApp, in the column `whatsapp`.

use chrono::{DateTime, Utc};
use contracts::whatsapp::Carrier;
use platform::http::fields::{Faults, Lines, Mentioned, mentioned};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::Model;

/// How messages are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerPolicy {
    #[default]
    Off,
    /// One message outside opening hours.
    Hours,
    /// The agent answers.
    Ai,
    /// The agent writes drafts for people to send.
    Suggest,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = WhatsappChoices)]
pub struct Choices {
    /// `baileys`, `twilio` or `meta`; none for the server's choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    pub answer_policy: AnswerPolicy,
    /// What goes out outside opening hours when the policy is `hours`; none for the usual words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away_text: Option<String>,
    /// When a phone was linked: only who first wrote after it, or is a customer, is answered by the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired_at: Option<DateTime<Utc>>,
}

impl Choices {
    pub fn of(business: &Model) -> Self {
        serde_json::from_value(business.whatsapp.clone()).unwrap_or_default()
    }
}

impl Choices {
    /// As an audit entry tells them.
    pub fn told(&self) -> Value {
        json!({
            "provider": self.provider, "answer_policy": self.answer_policy, "has_away_text": self.away_text.is_some(),
        })
    }

    pub fn json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| json!({}))
    }
}

/// A change of a business's choices; the carrier and the link have operations of their own.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = WhatsappChoicesChange)]
pub struct Change {
    pub answer_policy: Option<AnswerPolicy>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    pub away_text: Mentioned<String>,
}

impl Change {
    /// What the column holds after it.
    pub fn applied(self, faults: &mut Faults, before: &Value) -> Value {
        let mut choices: Choices = serde_json::from_value(before.clone()).unwrap_or_default();
        if let Some(policy) = self.answer_policy {
            choices.answer_policy = policy;
        }
        if let Some(text) = faults.optional_text(
            "whatsapp.away_text",
            self.away_text,
            super::settings::LONGEST_TEXT,
            Lines::Many,
        ) {
            choices.away_text = text;
        }
        choices.json()
    }
}

/// The carrier that the business chose.
pub fn chosen(business: &Model) -> Option<Carrier> {
    Choices::of(business).provider?.parse().ok()
}
