//! What the stand-in's model says: a Hebrew receptionist who asks for name and need, uses the tools that it is given, and
//! always answers the same to the same conversation. It reads the messages only, as a model does.

mod minutes;
mod understand;

use serde_json::json;

use self::understand::{Wish, name_in, wish};
use super::chat::{Answer, Message, Request};

const HELLO: &str = "שלום, כאן המענה הדיגיטלי.";
const ASK_NAME: &str = "איך קוראים לכם?";
const ASK_NEED: &str = "נעים מאוד. במה נוכל לעזור?";
const NOTED: &str =
    "רשמתי את הפרטים, ומישהו מהצוות יחזור אליכם בהקדם, בדרך כלל עוד באותו היום. יש עוד משהו שנוכל לעזור בו?";
const NOTED_SHORT: &str = "רשמתי. יש עוד משהו שנוכל לעזור בו?";
const TRANSFER: &str = "מיד מעבירים אתכם לנציג.";
const NOBODY: &str = "אין כרגע נציג פנוי, ונחזור אליכם בהקדם.";
const UNKNOWN: &str = "אין לי תשובה על כך כרגע, ומישהו יחזור אליכם עם תשובה.";
const GO_ON: &str = "בבקשה, מה השאלה?";
const GOODBYE: &str = "תודה שהתקשרתם, להתראות.";
const AGAIN: &str = "לא שמעתי היטב, אפשר לחזור על זה?";
const MOMENT: &str = "רגע אחד בבקשה.";

/// What the receptionist says and does next.
pub fn answer(request: &Request) -> Answer {
    if request.tools.is_empty() {
        return text(minutes::write(&request.messages));
    }
    let talk = Talk::of(request);
    match request.messages.iter().rfind(|message| message.role != "system") {
        Some(last) if last.role == "tool" => talk.after_tools(&last.text()),
        Some(last) if last.role == "user" => talk.reply(&last.text()),
        _ => text(format!("{HELLO} {ASK_NAME}")),
    }
}

fn text(text: impl Into<String>) -> Answer {
    Answer {
        text: text.into(),
        calls: Vec::new(),
    }
}

/// The conversation so far.
struct Talk<'a> {
    request: &'a Request,
    name: Option<String>,
    need: Option<String>,
    name_asked: bool,
}

impl<'a> Talk<'a> {
    fn of(request: &'a Request) -> Self {
        let saved = |member: &str| {
            called(&request.messages)
                .filter(|(name, _)| *name == "save_contact")
                .filter_map(|(_, arguments)| arguments.get(member)?.as_str().map(str::to_owned))
                .last()
        };
        let name_asked = request.messages.iter().any(|message| {
            message.role == "assistant" && (message.text().contains("קוראים לכם") || message.text().contains("השם"))
        });
        Self {
            request,
            name: saved("name"),
            need: saved("need"),
            name_asked,
        }
    }

    fn has(&self, tool: &str) -> bool {
        self.request.tools.iter().any(|given| given.function.name == tool)
    }

    /// Calls a tool if it was given, and says something with it.
    fn doing(&self, text: &str, calls: Vec<(&'static str, serde_json::Value)>) -> Answer {
        let calls = calls.into_iter().filter(|(name, _)| self.has(name)).collect();
        Answer {
            text: text.to_owned(),
            calls,
        }
    }

    fn reply(&self, said: &str) -> Answer {
        match wish(said) {
            Wish::Nothing => text(AGAIN),
            Wish::Person if self.has("transfer_to_person") => {
                self.doing(TRANSFER, vec![("transfer_to_person", json!({"reason": said}))])
            }
            Wish::Person => text(NOBODY),
            Wish::Bye => self.doing(GOODBYE, vec![("end_call", json!({"reason": "השיחה הסתיימה"}))]),
            Wish::Interrupt => text(GO_ON),
            Wish::Fact if self.has("lookup_business_fact") && self.name.is_some() => {
                self.doing("", vec![("lookup_business_fact", json!({"topic": said}))])
            }
            _ if self.name.is_none() => self.hear_name(said),
            _ if self.need.is_none() => self.hear_need(said),
            _ => text(NOTED_SHORT),
        }
    }

    fn hear_name(&self, said: &str) -> Answer {
        let name = name_in(said).or_else(|| self.name_asked.then(|| understand::bare_name(said)).flatten());
        match name {
            Some(name) => self.doing("", vec![("save_contact", json!({"name": name}))]),
            None => text(format!("{HELLO} {ASK_NAME}")),
        }
    }

    fn hear_need(&self, said: &str) -> Answer {
        let need = said.trim().trim_end_matches(['.', '?', '!']);
        let title = format!("לחזור אל {}: {need}", self.name.as_deref().unwrap_or("הלקוח"));
        self.doing(
            "",
            vec![
                ("save_contact", json!({"need": need})),
                ("create_task", json!({"title": title})),
            ],
        )
    }

    fn after_tools(&self, result: &str) -> Answer {
        let last = called(&self.request.messages)
            .last()
            .map(|(name, _)| name.to_owned())
            .unwrap_or_default();
        match last.as_str() {
            "save_contact" if self.need.is_none() => text(ASK_NEED),
            "save_contact" | "create_task" => text(NOTED),
            "transfer_to_person" if failed(result) => text(NOBODY),
            "transfer_to_person" => text(MOMENT),
            "end_call" => text(GOODBYE),
            "lookup_business_fact" => text(understand::fact_in(result).unwrap_or_else(|| UNKNOWN.to_owned())),
            _ => text(NOTED_SHORT),
        }
    }
}

/// All tool calls so far with their arguments.
fn called(messages: &[Message]) -> impl Iterator<Item = (&str, serde_json::Value)> {
    messages.iter().flat_map(|message| &message.tool_calls).map(|call| {
        (
            call.function.name.as_str(),
            serde_json::from_str(&call.function.arguments).unwrap_or_default(),
        )
    })
}

fn failed(result: &str) -> bool {
    let result = result.to_lowercase();
    [
        "error",
        "nobody",
        "no one",
        "not possible",
        "unavailable",
        "cannot",
        "can not",
    ]
    .iter()
    .any(|sign| result.contains(sign))
}

#[cfg(test)]
mod tests;
