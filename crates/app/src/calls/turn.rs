//! A turn of a conversation, in one shape: as the call tells it, as its table keeps it, and as the API shows it.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::store::turn;

/// One turn of a conversation. Positions are milliseconds in the recording.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = CallTurn)]
pub struct Turn {
    pub turn_id: i32,
    /// Null when nothing recognised the caller's words, or the agent spoke first.
    pub caller_text: Option<String>,
    pub agent_text: String,
    pub caller_from_ms: Option<i64>,
    pub caller_to_ms: Option<i64>,
    pub agent_from_ms: Option<i64>,
    pub agent_to_ms: Option<i64>,
    pub t_audio_ms: Option<i64>,
    pub t_nlp_ms: Option<i64>,
    pub t_tts_ms: Option<i64>,
    pub t_total_ms: Option<i64>,
    pub mode: String,
    pub interrupted: bool,
    /// What the agent did.
    pub tools: Vec<ToolUse>,
}

/// Something that the agent did in a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CallTool)]
pub struct ToolUse {
    pub name: String,
    pub summary: String,
    pub ok: bool,
}

impl Turn {
    /// The caller said something, understood or not.
    pub fn caller_spoke(&self) -> bool {
        self.caller_from_ms.is_some() || self.caller_text.as_deref().is_some_and(|text| !text.is_empty())
    }

    pub(super) fn row(self, call_id: i64, now: DateTime<Utc>) -> turn::ActiveModel {
        turn::ActiveModel {
            call_id: Set(call_id),
            turn_id: Set(self.turn_id),
            caller_text: Set(self.caller_text),
            agent_text: Set(self.agent_text),
            caller_from_ms: Set(self.caller_from_ms),
            caller_to_ms: Set(self.caller_to_ms),
            agent_from_ms: Set(self.agent_from_ms),
            agent_to_ms: Set(self.agent_to_ms),
            t_audio_ms: Set(self.t_audio_ms),
            t_nlp_ms: Set(self.t_nlp_ms),
            t_tts_ms: Set(self.t_tts_ms),
            t_total_ms: Set(self.t_total_ms),
            mode: Set(self.mode),
            interrupted: Set(self.interrupted),
            tools: Set(json!(self.tools)),
            created_at: Set(now),
            ..Default::default()
        }
    }
}

impl From<turn::Model> for Turn {
    fn from(turn: turn::Model) -> Self {
        Self {
            turn_id: turn.turn_id,
            caller_text: turn.caller_text,
            agent_text: turn.agent_text,
            caller_from_ms: turn.caller_from_ms,
            caller_to_ms: turn.caller_to_ms,
            agent_from_ms: turn.agent_from_ms,
            agent_to_ms: turn.agent_to_ms,
            t_audio_ms: turn.t_audio_ms,
            t_nlp_ms: turn.t_nlp_ms,
            t_tts_ms: turn.t_tts_ms,
            t_total_ms: turn.t_total_ms,
            mode: turn.mode,
            interrupted: turn.interrupted,
            tools: serde_json::from_value(turn.tools).unwrap_or_default(),
        }
    }
}
