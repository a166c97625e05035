//! The agent's tools: how they are described to a model, and how what it wrote becomes a typed request.
//!
//! Running them is the application's work; each calls the same action that a person's request calls.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use contracts::llm::{ToolCall, ToolSpec};
use serde_json::{Map, Value, json};

pub const SAVE_CONTACT: &str = "save_contact";
pub const CREATE_TASK: &str = "create_task";
pub const LOOKUP_BUSINESS_FACT: &str = "lookup_business_fact";
pub const TRANSFER_TO_PERSON: &str = "transfer_to_person";
pub const END_CALL: &str = "end_call";

/// A request of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    SaveContact(Contact),
    CreateTask {
        title: String,
        due_at: Option<DateTime<Utc>>,
    },
    LookupBusinessFact {
        topic: String,
    },
    TransferToPerson {
        reason: String,
    },
    EndCall {
        reason: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub need: Option<String>,
    pub email: Option<String>,
    pub callback_at: Option<DateTime<Utc>>,
    /// `callback_at` as the caller said it.
    pub callback_words: Option<String>,
}

/// Longest text of one argument, in characters.
const LONGEST_ARGUMENT: usize = 500;

/// Reads a tool call. The error is for the model, so that it can try again.
pub fn parse(call: &ToolCall, zone: Tz) -> Result<Tool, String> {
    let Value::Object(arguments) = &call.arguments else {
        return Err("the arguments must be a JSON object".to_owned());
    };
    match call.name.as_str() {
        SAVE_CONTACT => contact(arguments, zone).map(Tool::SaveContact),
        CREATE_TASK => Ok(Tool::CreateTask {
            title: required(arguments, "title")?,
            due_at: time(arguments, "due_at", zone)?,
        }),
        LOOKUP_BUSINESS_FACT => required(arguments, "topic").map(|topic| Tool::LookupBusinessFact { topic }),
        TRANSFER_TO_PERSON => Ok(Tool::TransferToPerson {
            reason: optional(arguments, "reason").unwrap_or_default(),
        }),
        END_CALL => Ok(Tool::EndCall {
            reason: optional(arguments, "reason").unwrap_or_default(),
        }),
        other => Err(format!("there is no tool {other:?}")),
    }
}

fn contact(arguments: &Map<String, Value>, zone: Tz) -> Result<Contact, String> {
    let contact = Contact {
        name: optional(arguments, "name"),
        need: optional(arguments, "need"),
        email: optional(arguments, "email"),
        callback_at: time(arguments, "callback_at", zone)?,
        callback_words: optional(arguments, "callback_words"),
    };
    if contact == Contact::default() {
        return Err("give at least one of name, need, email, callback_at".to_owned());
    }
    Ok(contact)
}

fn optional(arguments: &Map<String, Value>, name: &str) -> Option<String> {
    let text = arguments.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST_ARGUMENT).collect())
}

fn required(arguments: &Map<String, Value>, name: &str) -> Result<String, String> {
    optional(arguments, name).ok_or_else(|| format!("{name} is required"))
}

/// RFC 3339, or a time or day without zone, which is the business's.
fn time(arguments: &Map<String, Value>, name: &str, zone: Tz) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = optional(arguments, name) else {
        return Ok(None);
    };
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return Ok(Some(at.to_utc()));
    }
    let local = [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
    .or_else(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(9, 0, 0));
    local
        .and_then(|local| zone.from_local_datetime(&local).earliest())
        .map(|at| Some(at.to_utc()))
        .ok_or_else(|| format!("{name} must be a time such as 2026-01-31T15:00"))
}

/// What the model may call.
pub fn specs() -> Vec<ToolSpec> {
    let text = |description: &str| json!({"type": "string", "description": description});
    let time = |description: &str| json!({"type": "string", "format": "date-time", "description": description});
    let spec = |name, description, properties: Value, required: Value| ToolSpec {
        name,
        description,
        parameters: json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false}),
    };
    vec![
        spec(
            SAVE_CONTACT,
            "Save what the caller said about themselves: name, what they need, e-mail, when to call back. Call it as soon as you know one of them.",
            json!({
                "name": text("the caller's name as they said it"),
                "need": text("what they need, in one short sentence in their language"),
                "email": text("e-mail address"),
                "callback_at": time("when they want to be called back, local time"),
            }),
            json!([]),
        ),
        spec(
            CREATE_TASK,
            "Create a task for a person of the business: call back, answer a question that has no answer in the facts, arrange a meeting.",
            json!({"title": text("what is to be done, in Hebrew, with the name and the matter"), "due_at": time("when, local time")}),
            json!(["title"]),
        ),
        spec(
            LOOKUP_BUSINESS_FACT,
            "Look up what the business says about a topic (prices, address, services, rules). Only what it returns may be stated as a fact.",
            json!({"topic": text("the topic in a word or two, in Hebrew")}),
            json!(["topic"]),
        ),
        spec(
            TRANSFER_TO_PERSON,
            "Hand the call over to a person of the business. Use it at once when the caller asks for a person.",
            json!({"reason": text("why, in a few words for that person")}),
            json!(["reason"]),
        ),
        spec(
            END_CALL,
            "End the call after you said goodbye and the caller has nothing more to ask.",
            json!({"reason": text("why, in a few words")}),
            json!(["reason"]),
        ),
    ]
}

/// Those that serve in writing: there is no line to end or to hand over.
pub fn specs_in_writing() -> Vec<ToolSpec> {
    let of_calls = [TRANSFER_TO_PERSON, END_CALL];
    specs()
        .into_iter()
        .filter(|spec| !of_calls.contains(&spec.name))
        .collect()
}

/// A request in the form in which a model makes it.
pub fn call(id: String, tool: &Tool) -> ToolCall {
    let (name, arguments) = match tool {
        Tool::SaveContact(contact) => {
            let mut arguments = Map::new();
            let mut put = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    arguments.insert(name.to_owned(), Value::String(value));
                }
            };
            put("name", contact.name.clone());
            put("need", contact.need.clone());
            put("email", contact.email.clone());
            put("callback_at", contact.callback_at.map(|at| at.to_rfc3339()));
            put("callback_words", contact.callback_words.clone());
            (SAVE_CONTACT, Value::Object(arguments))
        }
        Tool::CreateTask { title, due_at } => (
            CREATE_TASK,
            match due_at {
                Some(at) => json!({"title": title, "due_at": at.to_rfc3339()}),
                None => json!({"title": title}),
            },
        ),
        Tool::LookupBusinessFact { topic } => (LOOKUP_BUSINESS_FACT, json!({"topic": topic})),
        Tool::TransferToPerson { reason } => (TRANSFER_TO_PERSON, json!({"reason": reason})),
        Tool::EndCall { reason } => (END_CALL, json!({"reason": reason})),
    };
    ToolCall {
        id,
        name: name.to_owned(),
        arguments,
    }
}

#[cfg(test)]
mod tests;
