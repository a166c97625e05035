//! The bridge's JSON, which is our own.

use chrono::{DateTime, Utc};
use contracts::whatsapp::{Address, Body, Connection, Kind, Outgoing, SendFault, Status};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::whatsapp::once;

/// What a sending is answered with, and the question after one message.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub id: String,
    pub status: String,
    /// A number or a word of WhatsApp's.
    #[serde(default)]
    pub code: Value,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    pub error: String,
}

#[derive(Deserialize)]
pub(super) struct SessionStatus {
    connected: bool,
    #[serde(default)]
    qr_available: bool,
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    last_seen: Option<DateTime<Utc>>,
    #[serde(default)]
    detail: Option<String>,
}

impl From<SessionStatus> for Connection {
    fn from(status: SessionStatus) -> Self {
        Self {
            connected: status.connected,
            qr_available: status.qr_available,
            number: status.number,
            last_seen: status.last_seen,
            detail: status.detail.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct QrAnswer {
    #[serde(default)]
    pub qr: Option<String>,
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
pub(super) struct PairAnswer {
    pub code: String,
}

#[derive(Deserialize)]
pub(super) struct OnWhatsApp {
    #[serde(alias = "exists")]
    pub on_whatsapp: bool,
}

/// A state of the bridge's; `None` for `none` and what we do not know.
pub(super) fn status(word: &str) -> Option<Status> {
    Some(match word {
        "queued" | "sending" => Status::Sending,
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" => Status::Read,
        "played" => Status::Played,
        "failed" => Status::Failed,
        "unknown" => Status::Unknown,
        _ => return None,
    })
}

/// E.164, or WhatsApp's own number with `@lid`.
pub(super) fn address(address: &Address) -> Option<String> {
    match address {
        Address::Phone(phone) => Some(phone.as_str().to_owned()),
        Address::Lid(digits) => Some(format!("{digits}@lid")),
        Address::Bsuid(_) => None,
    }
}

/// The body of `POST /sessions/{business}/send`. A template goes as the text that it makes.
pub(super) fn message(message: &Outgoing) -> Result<Value, SendFault> {
    let to = address(&message.to).ok_or_else(|| once::refused("an address of Meta's and Twilio's"))?;
    let mut whole = Map::new();
    let mut put = |name: &str, value: Value| whole.insert(name.to_owned(), value);
    put("id", json!(message.id));
    put("to", json!(to));
    match &message.body {
        Body::Text(text) => {
            put("kind", json!(Kind::Text));
            put("text", json!(text));
        }
        Body::Template(template) => {
            put("kind", json!(Kind::Text));
            put("text", json!(template.text));
        }
        Body::Media {
            kind,
            url,
            mime_type,
            file_name,
            caption,
        } => {
            put("kind", json!(kind));
            put("media_url", json!(url));
            put("mime_type", json!(mime_type));
            for (name, value) in [("file_name", file_name), ("caption", caption)] {
                if let Some(value) = value {
                    put(name, json!(value));
                }
            }
        }
    }
    if let Some(quoted) = &message.reply_to {
        put("reply_to", json!(quoted.carrier_id));
        put("reply_to_from_me", json!(quoted.from_me));
        if let Some(text) = &quoted.text {
            put("reply_to_text", json!(text));
        }
    }
    Ok(Value::Object(whole))
}
