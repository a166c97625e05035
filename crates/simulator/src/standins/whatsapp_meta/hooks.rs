//! Meta's webhooks, as its documents have them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::{
    Shared,
    whatsapp::{Letter, Sent, now},
};

/// A new message's id: `wamid.` and base64.
pub(super) fn wamid() -> String {
    format!("wamid.{}", STANDARD.encode(rand::random::<[u8; 24]>()))
}

/// A file's id: digits.
pub(super) fn media_id() -> String {
    (rand::random::<u64>() % 9_000_000_000_000_000 + 1_000_000_000_000_000).to_string()
}

/// `to` is another number's id, or another number of the same id; the account's own when empty.
pub(super) fn envelope(state: &Shared, to: &str, contacts: &[Value], messages: &[Value], statuses: &[Value]) -> Value {
    let account = &state.settings.meta;
    let (number, id) = match to.strip_prefix('+') {
        Some(number) => (number, account.phone_number_id.as_str()),
        None if to.is_empty() => (account.number.trim_start_matches('+'), account.phone_number_id.as_str()),
        None => (account.number.trim_start_matches('+'), to),
    };
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number, "phone_number_id": id,
        },
    });
    for (name, list) in [("contacts", contacts), ("messages", messages), ("statuses", statuses)] {
        if let (false, Some(fields)) = (list.is_empty(), value.as_object_mut()) {
            fields.insert(name.to_owned(), json!(list));
        }
    }
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "102290129340398", "changes": [{ "field": "messages", "value": value }] }],
    })
}

/// What somebody is known by: who hides the phone has an id of this business only.
fn user_id(letter: &Letter) -> String {
    if letter.hidden() {
        letter.from.clone()
    } else {
        format!("IL.{}", letter.digits().chars().rev().collect::<String>())
    }
}

pub(super) fn contact(letter: &Letter) -> Value {
    let mut contact = json!({
        "profile": { "name": letter.name.as_deref().unwrap_or("Somebody") }, "user_id": user_id(letter),
    });
    if let (false, Some(fields)) = (letter.hidden(), contact.as_object_mut()) {
        fields.insert("wa_id".to_owned(), json!(letter.digits()));
    }
    contact
}

pub(super) fn message(state: &Shared, letter: &Letter, id: &str, file: Option<&str>) -> Value {
    let (kind, own) = contents(letter, file);
    let at = letter.at.unwrap_or_else(now).to_string();
    let mut message = json!({
        "id": id, "timestamp": at, "type": kind, "from_user_id": user_id(letter),
    });
    let Some(fields) = message.as_object_mut() else {
        return message;
    };
    if !letter.hidden() {
        fields.insert("from".to_owned(), json!(letter.digits()));
    }
    if let (Some(id), false) = (&letter.reply_to, kind == "reaction") {
        let from = state.settings.meta.number.trim_start_matches('+');
        fields.insert("context".to_owned(), json!({ "from": from, "id": id }));
    }
    if kind == "unsupported" {
        let error = json!({ "code": 131_051, "title": "Message type unknown", "message": "Message type unknown",
            "error_data": { "details": "Message type is currently not supported." } });
        fields.insert("errors".to_owned(), json!([error]));
    } else {
        fields.insert(kind, own);
    }
    message
}

/// The type and the object of its name.
fn contents(letter: &Letter, file: Option<&str>) -> (String, Value) {
    if let Some(id) = &letter.edits {
        let text = json!({ "type": "text", "text": { "body": letter.text } });
        return ("edit".to_owned(), json!({ "original_message_id": id, "message": text }));
    }
    if let Some(id) = &letter.deletes {
        return ("revoke".to_owned(), json!({ "original_message_id": id }));
    }
    let kind = letter.kind();
    let own = match kind {
        "text" => json!({ "body": letter.text.as_deref().unwrap_or_default() }),
        "location" => {
            let (latitude, longitude) = letter.location.unwrap_or_default();
            json!({ "latitude": latitude, "longitude": longitude })
        }
        "contacts" => {
            let (name, phone) = letter.contact.clone().unwrap_or_default();
            json!([{ "name": { "formatted_name": name, "first_name": name }, "phones": [{ "phone": phone, "type": "CELL" }] }])
        }
        "interactive" => {
            let (id, title) = letter.choice.clone().unwrap_or_default();
            json!({ "type": "button_reply", "button_reply": { "id": id, "title": title } })
        }
        "button" => {
            let (payload, text) = letter.choice.clone().unwrap_or_default();
            json!({ "payload": payload, "text": text })
        }
        "reaction" => json!({ "message_id": letter.reply_to, "emoji": letter.text }),
        "order" => json!({ "catalog_id": "1", "text": letter.text, "product_items": [] }),
        "system" => json!({ "body": letter.text, "type": "user_changed_number" }),
        _ => of_file(letter, file),
    };
    let name = if kind == "voice" { "audio" } else { kind };
    (name.to_owned(), own)
}

/// The hash of a webhook's file is base64, that of the file's own page hexadecimal.
fn of_file(letter: &Letter, id: Option<&str>) -> Value {
    let Some(file) = &letter.file else { return json!({}) };
    let mut own = json!({
        "id": id, "mime_type": file.mime_type, "sha256": STANDARD.encode(Sha256::digest(file.bytes())),
    });
    let Some(fields) = own.as_object_mut() else { return own };
    let more = [
        ("caption", letter.text.clone().map(Value::from)),
        ("filename", file.name.clone().map(Value::from)),
        ("voice", (letter.kind() == "voice").then_some(Value::Bool(true))),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    }
    own
}

pub(super) fn status(sent: &Sent, status: &str, code: Option<u64>) -> Value {
    let mut news = json!({
        "id": sent.id, "status": status, "timestamp": now().to_string(),
        "conversation": { "id": "3f1a", "origin": { "type": "service" } },
        "pricing": { "billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service" },
    });
    let Some(fields) = news.as_object_mut() else {
        return news;
    };
    if !sent.to.contains('.') {
        fields.insert("recipient_id".to_owned(), json!(sent.to));
    }
    if let Some(id) = &sent.client_id {
        fields.insert("biz_opaque_callback_data".to_owned(), json!(id));
    }
    if let Some(code) = code {
        let error = json!({ "code": code, "title": "Failed", "message": "Failed",
            "error_data": { "details": format!("Error {code}") } });
        fields.insert("errors".to_owned(), json!([error]));
    }
    news
}
