//! Meta's webhooks: every message and status of every change of every entry, each by itself, so that one that cannot be
//! read takes no other with it.
//!
//! After the vendor's «Webhooks → messages»; a message's own kinds are read in [`message`].

mod message;

use contracts::whatsapp::{Account, Event, Reader, Status, StatusNews, Unreadable};
use kernel::Clock;
use serde_json::{Value, json};

use crate::whatsapp::{once, reading};

/// A message whose time cannot be read is of now.
#[derive(Clone, Debug, Default)]
pub struct MetaReader {
    clock: Clock,
}

impl MetaReader {
    pub const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl Reader for MetaReader {
    fn read(&self, body: &[u8]) -> Result<Vec<Event>, Unreadable> {
        let whole: Value =
            serde_json::from_slice(body).map_err(|error| Unreadable(format!("no JSON: {:?}", error.classify())))?;
        let entries = whole.get("entry").and_then(Value::as_array);
        let entries = entries.ok_or_else(|| Unreadable("no entries".to_owned()))?;
        let mut events = Vec::new();
        for entry in entries {
            match entry.get("changes").and_then(Value::as_array) {
                Some(changes) => changes.iter().for_each(|change| self.change(change, &mut events)),
                None => events.push(other(&Account::default(), "entry", entry)),
            }
        }
        Ok(events)
    }
}

impl MetaReader {
    fn change(&self, change: &Value, events: &mut Vec<Event>) {
        let value = change.get("value").unwrap_or(&Value::Null);
        let account = account(value);
        let before = events.len();
        if change.get("field").and_then(Value::as_str) == Some("messages") {
            let contacts = reading::list(value, "contacts");
            for raw in reading::list(value, "messages") {
                events.push(
                    message::read(&account, raw, contacts, &self.clock)
                        .unwrap_or_else(|| other(&account, "message", raw)),
                );
            }
            for raw in reading::list(value, "statuses") {
                events.push(status(&account, raw).unwrap_or_else(|| other(&account, "status", raw)));
            }
            for raw in reading::list(value, "errors") {
                events.push(other(&account, "error", raw));
            }
        }
        if events.len() == before {
            events.push(other(&account, "change", change));
        }
    }
}

fn other(account: &Account, what: &str, raw: &Value) -> Event {
    Event::Other {
        account: account.clone(),
        raw: json!({ what: raw }),
    }
}

fn account(value: &Value) -> Account {
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    // As it is shown to people: with spaces and dashes, or bare digits.
    let digits: Option<String> = reading::word(metadata, "display_phone_number")
        .map(|shown| shown.chars().filter(char::is_ascii_digit).collect());
    Account {
        number: digits.as_deref().and_then(reading::phone),
        meta_phone_number_id: reading::id(metadata, "phone_number_id"),
        ..Account::default()
    }
}

fn status(account: &Account, raw: &Value) -> Option<Event> {
    let status = match raw.get("status")?.as_str()? {
        "accepted" | "submitted" => Status::Sending,
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" => Status::Read,
        "played" => Status::Played,
        "failed" => Status::Failed,
        _ => return None,
    };
    let error = reading::list(raw, "errors").first().unwrap_or(&Value::Null);
    let details = error.get("error_data").and_then(|data| reading::word(data, "details"));
    Some(Event::Status(StatusNews {
        account: account.clone(),
        carrier_id: reading::id(raw, "id")?,
        id: reading::id(raw, "biz_opaque_callback_data"),
        status,
        at: reading::time(raw, "timestamp"),
        code: reading::word(error, "code").as_deref().and_then(once::sound_code),
        message: details
            .or_else(|| reading::word(error, "message"))
            .or_else(|| reading::word(error, "title")),
    }))
}

#[cfg(test)]
mod tests;
