//! What the bridge tells the server: `{business_id, event, data}`, each signed anew.

use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    super::{
        Shared,
        whatsapp::{Delivered, Letter, Signature, now, post},
    },
    signature,
};

const PATH: &str = "/webhook/whatsapp/baileys";

/// As WhatsApp Web makes them.
pub(super) fn message_id() -> String {
    format!("3EB0{}", hex::encode_upper(rand::random::<[u8; 9]>()))
}

/// So many times at once, each signed anew unless it is to be a replay.
pub(super) async fn deliver(
    state: &Shared,
    business: i64,
    event: &str,
    data: &Value,
    (copies, how): (usize, Signature),
) -> Vec<Delivered> {
    let Some(server) = &state.settings.server else {
        return Vec::new();
    };
    let body = json!({ "business_id": business, "event": event, "data": data }).to_string();
    let secret = match how {
        Signature::Bad => "another secret",
        _ => &state.settings.bridge_secret,
    };
    let unique = || format!("{PATH}?n={}", hex::encode(rand::random::<[u8; 16]>()));
    let (first, seconds) = (unique(), now());
    let posting = (0..copies.max(1)).filter_map(|_| {
        let target = match how {
            Signature::Replayed => first.clone(),
            _ => unique(),
        };
        let signature = signature::over(secret, seconds, &Method::POST, &target, body.as_bytes());
        let headers = match how {
            Signature::Missing => Vec::new(),
            _ => vec![("x-wa-timestamp", seconds.to_string()), ("x-wa-signature", signature)],
        };
        let url = server.join(&target).ok()?;
        Some(post(&state.http, url, "application/json", headers, body.clone()))
    });
    futures::future::join_all(posting).await
}

/// Who wrote: a phone, or somebody of whom only the LID is known.
pub(super) fn message(state: &Shared, letter: &Letter, id: &str, file: Option<&str>) -> Value {
    let jid = if letter.hidden() {
        letter.from.clone()
    } else {
        format!("{}@s.whatsapp.net", letter.digits())
    };
    let (phone, lid) = if letter.hidden() {
        (None, Some(letter.from.trim_end_matches("@lid")))
    } else {
        (Some(letter.from.as_str()), None)
    };
    let whole = [
        ("id", json!(id)),
        ("chat", json!(jid)),
        ("chat_phone", json!(phone)),
        ("chat_lid", json!(lid)),
        ("sender", json!(jid)),
        ("from_me", json!(letter.from_me)),
        ("push_name", json!(letter.name)),
        ("timestamp", json!(letter.at.unwrap_or_else(now))),
        ("backlog", json!(letter.backlog)),
        ("kind", json!(if letter.deletes.is_some() { "system" } else { letter.kind() })),
        ("text", json!(said(letter))),
        ("media", media(state, letter, file)),
        ("reply_to", json!(letter.reply_to.as_ref().filter(|_| letter.kind() != "reaction"))),
        ("reaction", reaction(letter)),
        ("edits", changed(letter.edits.as_deref())),
        ("deletes", changed(letter.deletes.as_deref())),
        ("location", letter.location.map_or(Value::Null, |(latitude, longitude)| {
            json!({ "latitude": latitude, "longitude": longitude, "name": null, "address": null })
        })),
        ("contacts", letter.contact.as_ref().map_or(Value::Null, |(name, phone)| {
            json!([{ "name": name, "phones": [phone] }])
        })),
        ("choice", json!(letter.choice.as_ref().map(|(id, _)| id))),
    ];
    let told = whole.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(told.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn said(letter: &Letter) -> Option<String> {
    letter
        .text
        .clone()
        .or_else(|| letter.choice.as_ref().map(|(_, title)| title.clone()))
}

fn changed(id: Option<&str>) -> Value {
    id.map_or(Value::Null, |id| json!({ "message_id": id }))
}

fn reaction(letter: &Letter) -> Value {
    if letter.kind() == "reaction" {
        json!({ "message_id": letter.reply_to, "emoji": letter.text.as_deref().unwrap_or_default() })
    } else {
        Value::Null
    }
}

fn media(state: &Shared, letter: &Letter, name: Option<&str>) -> Value {
    let (Some(file), Some(name)) = (&letter.file, name) else {
        return Value::Null;
    };
    let bytes = file.bytes();
    json!({
        "url": format!("{}media/{name}", state.base), "mime_type": file.mime_type, "size": bytes.len(),
        "file_name": file.name, "sha256": hex::encode(Sha256::digest(&bytes)),
    })
}
