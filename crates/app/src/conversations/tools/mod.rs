//! The agent's tools, one file each. A tool calls the action that a person's request calls, in one transaction, with the
//! agent's own permissions; the action writes the audit entry.

mod create_task;
mod link_caller;
mod lookup_business_fact;
mod save_contact;
mod transfer_to_person;

use contracts::llm::ToolCall;
use conversation::{
    call::ToolOutcome,
    tools::{self, Tool},
};
use kernel::{CustomerId, Problem, Scope};

use crate::{
    App,
    calls::{directory::VoiceBusiness, live::LiveCall},
};

pub use link_caller::link_caller;

/// Where a tool is used.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    Call(&'a LiveCall),
    /// A conversation in writing, by its id.
    Thread(i64),
}

/// The conversation in which a tool is used.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub business: &'a VoiceBusiness,
    pub place: Place<'a>,
    /// Whom the agent talks with, when that is known.
    pub customer: Option<CustomerId>,
}

impl<'a> Around<'a> {
    pub fn of_call(app: &'a App, live: &'a LiveCall, customer: Option<CustomerId>) -> Self {
        Self {
            app,
            scope: &live.scope,
            business: &live.business,
            place: Place::Call(live),
            customer,
        }
    }

    /// The call, if it is one.
    const fn call(&self) -> Option<&'a LiveCall> {
        match self.place {
            Place::Call(live) => Some(live),
            Place::Thread(_) => None,
        }
    }

    fn is_test(&self) -> bool {
        self.call().is_some_and(|live| live.test)
    }
}

/// What a tool did: for the model, and for people in the call's record.
struct Done {
    content: String,
    summary: String,
}

impl Done {
    fn new(content: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            summary: summary.into(),
        }
    }
}

/// Runs a tool. It never fails the call: what goes wrong is told to the model.
pub async fn run(around: Around<'_>, call: &ToolCall) -> ToolOutcome {
    let tool = match tools::parse(call, around.business.zone) {
        Ok(tool) => tool,
        Err(why) => {
            return ToolOutcome {
                ok: false,
                content: why,
                summary: String::new(),
            };
        }
    };
    let done = match tool {
        Tool::SaveContact(contact) => Box::pin(save_contact::run(around, contact)).await,
        Tool::CreateTask { title, due_at } => create_task::run(around, title, due_at).await,
        Tool::LookupBusinessFact { topic } => lookup_business_fact::run(around, &topic),
        Tool::TransferToPerson { reason } => transfer_to_person::run(around, &reason).await,
        // Nothing is written for it: the end of the call is noted when it comes.
        Tool::EndCall { .. } => Ok(Done::new("the call ends", "")),
    };
    let (tool, ok) = (call.name.clone(), done.is_ok().to_string());
    match around.place {
        Place::Call(_) => metrics::counter!("voice_tools_total", "tool" => tool, "ok" => ok).increment(1),
        Place::Thread(_) => metrics::counter!("whatsapp_tools_total", "tool" => tool, "ok" => ok).increment(1),
    }
    outcome(around, &call.name, done)
}

fn outcome(around: Around<'_>, name: &str, done: Result<Done, Problem>) -> ToolOutcome {
    match done {
        Ok(Done { content, summary }) => ToolOutcome {
            ok: true,
            content,
            summary,
        },
        Err(problem) => {
            let call_sid = around.call().map(|live| live.call_sid.as_str());
            tracing::warn!(%problem, tool = name, call_sid, "a tool of the agent failed");
            ToolOutcome {
                ok: false,
                content: if problem.status < 500 {
                    format!("refused: {}", problem.detail)
                } else {
                    "it did not work now; say that it was noted and that someone will call back".to_owned()
                },
                summary: String::new(),
            }
        }
    }
}

/// In a test call nothing is written; the model is told as if it were.
const ONLY_A_TEST: &str = "noted (this is a test call)";
