//! One message of a Meta webhook.

use contracts::whatsapp::{Account, Address, Contact, Event, Inbound, Kind, MediaSource};
use kernel::Clock;
use serde_json::Value;

use crate::whatsapp::reading::{self, blank};

/// `None` when it says neither its id nor whom it is from.
pub(super) fn read(account: &Account, raw: &Value, contacts: &[Value], clock: &Clock) -> Option<Event> {
    let id = reading::id(raw, "id")?;
    let contact = contact_of(raw, contacts);
    let chat = chat(raw, contact);
    if chat.is_empty() {
        return None;
    }
    let at = reading::time(raw, "timestamp").unwrap_or_else(|| clock.now());
    let mut message = Inbound {
        profile_name: contact.and_then(|contact| reading::word(contact.get("profile")?, "name")),
        reply_to: raw.get("context").and_then(|context| reading::id(context, "id")),
        raw: raw.clone(),
        ..blank(account.clone(), id, chat, at)
    };
    let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
    fill(&mut message, kind, raw.get(kind).unwrap_or(&Value::Null));
    Some(Event::Message(Box::new(message)))
}

/// The contact that the message is from; a webhook with one contact is all from that one.
fn contact_of<'a>(raw: &Value, contacts: &'a [Value]) -> Option<&'a Value> {
    let same = |contact: &&Value, theirs: &str, ours: &str| {
        let id = reading::word(contact, theirs);
        id.is_some() && id == reading::word(raw, ours)
    };
    contacts
        .iter()
        .find(|contact| same(contact, "wa_id", "from") || same(contact, "user_id", "from_user_id"))
        .or(match contacts {
            [only] => Some(only),
            _ => None,
        })
}

/// The phone first, where it is not hidden. A sole contact is asked only about what the message does not say itself.
fn chat(raw: &Value, contact: Option<&Value>) -> Vec<Address> {
    let mut chat = Vec::new();
    let from = reading::word(raw, "from");
    let user = reading::word(raw, "from_user_id");
    reading::add(&mut chat, from.as_deref().and_then(reading::phone).map(Address::Phone));
    reading::add(&mut chat, user.as_deref().and_then(reading::bsuid));
    reading::add(&mut chat, from.as_deref().and_then(reading::bsuid));
    if let Some(contact) = contact {
        let of = |name| reading::word(contact, name);
        if from.is_none() || from == of("wa_id") {
            reading::add(&mut chat, of("user_id").as_deref().and_then(reading::bsuid));
        }
        if chat.is_empty() || user.is_some() && user == of("user_id") {
            reading::add(
                &mut chat,
                of("wa_id").as_deref().and_then(reading::phone).map(Address::Phone),
            );
        }
    }
    chat.sort_by_key(|address| !matches!(address, Address::Phone(_)));
    chat
}

/// What each type has in the object of its own name. An object that is missing leaves the message without contents.
fn fill(message: &mut Inbound, kind: &str, own: &Value) {
    match kind {
        "text" => {
            message.kind = Kind::Text;
            message.text = reading::word(own, "body");
        }
        "image" => file(message, Kind::Image, own),
        "video" => file(message, Kind::Video, own),
        "document" => file(message, Kind::Document, own),
        "sticker" => file(message, Kind::Sticker, own),
        "audio" if reading::flag(own, "voice") => file(message, Kind::Voice, own),
        "audio" => file(message, Kind::Audio, own),
        "location" => {
            message.kind = Kind::Location;
            message.location = reading::location(own);
        }
        "contacts" => {
            message.kind = Kind::Contacts;
            message.contacts = own
                .as_array()
                .map_or(&[][..], Vec::as_slice)
                .iter()
                .map(contact)
                .collect();
        }
        "interactive" => chosen(message, own),
        "button" => {
            message.kind = Kind::Interactive;
            message.choice = reading::word(own, "payload");
            message.text = reading::word(own, "text");
        }
        "reaction" => {
            message.kind = Kind::Reaction;
            message.reply_to = reading::id(own, "message_id").or(message.reply_to.take());
            message.text = Some(reading::word(own, "emoji").unwrap_or_default());
        }
        "order" => {
            message.kind = Kind::Order;
            message.text = reading::word(own, "text");
        }
        "system" => {
            message.kind = Kind::System;
            message.text = reading::word(own, "body");
        }
        "edit" => edited(message, own),
        "revoke" => {
            message.kind = Kind::System;
            message.alters = reading::deletes(target(message, own));
        }
        // `unsupported` and whatever comes later: it is kept in `raw`.
        _ => {}
    }
}

fn file(message: &mut Inbound, kind: Kind, own: &Value) {
    message.kind = kind;
    message.text = reading::word(own, "caption");
    message.media = reading::id(own, "id")
        .map(|reference| MediaSource {
            reference,
            mime_type: reading::word(own, "mime_type"),
            file_name: reading::word(own, "filename"),
            sha256: reading::word(own, "sha256").as_deref().and_then(reading::sha256),
            size: own.get("file_size").and_then(Value::as_u64),
        })
        .into_iter()
        .collect();
}

fn chosen(message: &mut Inbound, own: &Value) {
    message.kind = Kind::Interactive;
    if let Some(reply) = own.get("button_reply").or_else(|| own.get("list_reply")) {
        message.choice = reading::word(reply, "id");
        message.text = reading::word(reply, "title");
    } else if let Some(form) = own.get("nfm_reply") {
        message.choice = reading::word(form, "name");
        message.text = reading::word(form, "body");
    }
}

fn contact(own: &Value) -> Contact {
    let name = own.get("name").unwrap_or(&Value::Null);
    let phones = reading::list(own, "phones");
    Contact {
        name: reading::word(name, "formatted_name")
            .or_else(|| reading::word(name, "first_name"))
            .unwrap_or_default(),
        phones: phones
            .iter()
            .filter_map(|phone| reading::word(phone, "phone").or_else(|| reading::word(phone, "wa_id")))
            .collect(),
    }
}

/// The message that was changed; its new contents stand inside as a message of their own.
fn edited(message: &mut Inbound, own: &Value) {
    message.alters = reading::edits(target(message, own));
    let inner = own.get("message").unwrap_or(own);
    match inner.get("type").and_then(Value::as_str) {
        // An edit of an edit would have no end.
        Some(kind) if !matches!(kind, "edit" | "revoke") => {
            fill(message, kind, inner.get(kind).unwrap_or(&Value::Null));
        }
        _ => {
            message.kind = Kind::Text;
            message.text = inner.get("text").map_or_else(
                || reading::word(inner, "body"),
                |text| reading::word(text, "body").or_else(|| reading::word(inner, "text")),
            );
        }
    }
}

fn target(message: &Inbound, own: &Value) -> Option<String> {
    reading::id(own, "original_message_id")
        .or_else(|| reading::id(own, "message_id"))
        .or_else(|| message.reply_to.clone())
}
