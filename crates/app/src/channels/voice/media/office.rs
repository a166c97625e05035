//! The desk of a real call: the records behind it.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use contracts::llm::ToolCall;
use conversation::call::{Exit, Latency, Leaving, Ms, Speaker, ToolOutcome, TurnRecord};
use kernel::{CustomerId, Phone, Pii};

use super::{
    desk::{Desk, Part},
    telemetry::MODE,
};
use crate::{
    AppState,
    calls::{
        self,
        live::{self, How, LiveCall, Partial},
        turn::{ToolUse, Turn},
    },
    conversations::tools::{self, Around},
};

pub struct Office {
    app: AppState,
    live: LiveCall,
    /// Whose call it is, as far as it is known by now.
    customer: Mutex<Option<CustomerId>>,
}

impl Office {
    pub fn new(app: AppState, live: LiveCall) -> Self {
        let customer = Mutex::new(live.customer.as_ref().map(|customer| customer.id));
        Self { app, live, customer }
    }

    fn around(&self) -> Around<'_> {
        let customer = *self.customer.lock().unwrap_or_else(PoisonError::into_inner);
        Around::of_call(&self.app, &self.live, customer)
    }
}

#[async_trait]
impl Desk for Office {
    async fn heard(&self, part: Part) {
        let part = Partial {
            turn_id: number(part.turn_id),
            speaker: match part.speaker {
                Speaker::Caller => live::Speaker::Caller,
                Speaker::Agent => live::Speaker::Agent,
            },
            text: part.text,
            final_: part.is_final,
        };
        live::heard(&self.app, &self.live, part).await;
    }

    async fn save_turn(&self, turn: TurnRecord) {
        if let Err(problem) = live::save_turn(&self.app, &self.live, record(turn)).await {
            tracing::error!(%problem, call_sid = self.live.call_sid, "a turn of a call was not written");
        }
    }

    async fn run_tool(&self, call: ToolCall) -> ToolOutcome {
        Box::pin(tools::run(self.around(), &call)).await
    }

    async fn link_caller(&self, phone: Pii<Phone>) {
        match tools::link_caller(self.around(), phone.expose()).await {
            Ok(customer) => *self.customer.lock().unwrap_or_else(PoisonError::into_inner) = Some(customer),
            Err(problem) => tracing::error!(%problem, call_sid = self.live.call_sid, "a caller was not linked"),
        }
    }

    fn level(&self, caller: f32, agent: f32) {
        live::level(&self.app, &self.live, caller, agent);
    }

    async fn leave(&self, leaving: Leaving) {
        let note = live::Leaving {
            how: match leaving.how {
                Exit::Over => How::Over,
                Exit::ToRecording => How::ToRecording,
                Exit::Transfer { reason } => How::Transfer { reason, to: None },
                Exit::TakenOver => How::TakenOver,
                Exit::HungUp => How::HungUp,
            },
            recording: None,
            wants_person: leaving.wants_person || leaving.wants_callback,
        };
        if let Err(problem) = live::leave(&self.app, &self.live, note).await {
            tracing::error!(%problem, call_sid = self.live.call_sid, "the end of a conversation was not noted");
        }
    }

    async fn keep_recording(&self, file: PathBuf) {
        let call = self.live.call_id.get();
        if let Err(problem) = calls::jobs::store_stream(&self.app, &self.live.scope, call, &file).await {
            // It stays in the spool, and is taken over at the next start.
            tracing::error!(%problem, call_sid = self.live.call_sid, "the recording of a call was not stored");
        }
    }
}

fn number(turn: u32) -> i32 {
    i32::try_from(turn).unwrap_or(i32::MAX)
}

fn ms(value: Option<Ms>) -> Option<i64> {
    value.and_then(|value| i64::try_from(value).ok())
}

fn record(turn: TurnRecord) -> Turn {
    let Latency {
        audio_ms,
        nlp_ms,
        tts_ms,
        total_ms,
        ..
    } = turn.latency;
    Turn {
        turn_id: number(turn.turn_id),
        caller_text: turn.caller_text,
        agent_text: turn.agent_text,
        caller_from_ms: ms(turn.caller_from_ms),
        caller_to_ms: ms(turn.caller_to_ms),
        agent_from_ms: ms(turn.agent_from_ms),
        agent_to_ms: ms(turn.agent_to_ms),
        t_audio_ms: ms(audio_ms),
        t_nlp_ms: ms(nlp_ms),
        t_tts_ms: ms(tts_ms),
        t_total_ms: ms(total_ms),
        mode: MODE.to_owned(),
        interrupted: turn.interrupted,
        tools: turn
            .tools
            .iter()
            .map(|tool| ToolUse {
                name: tool.name.clone(),
                summary: tool.summary.clone(),
                ok: tool.ok,
            })
            .collect(),
    }
}
