//! The bridge's webhooks: `{business_id, event, data}`, one event each.

use chrono::{DateTime, Utc};
use contracts::whatsapp::{
    Account, Address, Contact, Event, Inbound, Kind, LinkNews, MediaSource, Reader, StatusNews, Unreadable,
};
use kernel::{Clock, Phone};
use serde_json::Value;

use super::wire;
use crate::whatsapp::{
    once,
    reading::{self, blank},
};

/// A message whose time cannot be read is of now.
#[derive(Clone, Debug, Default)]
pub struct BaileysReader {
    clock: Clock,
}

impl BaileysReader {
    pub const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl Reader for BaileysReader {
    fn read(&self, body: &[u8]) -> Result<Vec<Event>, Unreadable> {
        let whole: Value =
            serde_json::from_slice(body).map_err(|error| Unreadable(format!("no JSON: {:?}", error.classify())))?;
        let business_id = whole.get("business_id").and_then(Value::as_i64);
        let account = Account {
            business_id: Some(business_id.ok_or_else(|| Unreadable("no business".to_owned()))?),
            ..Account::default()
        };
        let data = whole.get("data").unwrap_or(&Value::Null);
        let event = match whole.get("event").and_then(Value::as_str) {
            Some("message") => self.message(&account, data),
            Some("status") => status(&account, data),
            Some("connection") => link(&account, data),
            _ => None,
        };
        Ok(vec![event.unwrap_or(Event::Other { account, raw: whole })])
    }
}

impl BaileysReader {
    fn message(&self, account: &Account, data: &Value) -> Option<Event> {
        let from_me = reading::flag(data, "from_me");
        let chat = chat(data, from_me);
        if chat.is_empty() {
            return None;
        }
        let at = reading::time(data, "timestamp").unwrap_or_else(|| self.clock.now());
        let message = blank(account.clone(), reading::id(data, "id")?, chat, at);
        let reaction = data.get("reaction").filter(|reaction| reaction.is_object());
        let named = |part: &str| data.get(part).and_then(|part| reading::id(part, "message_id"));
        Some(Event::Message(Box::new(Inbound {
            from_me,
            backlog: reading::flag(data, "backlog"),
            profile_name: reading::word(data, "push_name"),
            kind: kind(data),
            text: match reaction {
                Some(reaction) => Some(reading::word(reaction, "emoji").unwrap_or_default()),
                None => reading::word(data, "text"),
            },
            media: data.get("media").and_then(media).into_iter().collect(),
            reply_to: reaction
                .and_then(|reaction| reading::id(reaction, "message_id"))
                .or_else(|| reading::id(data, "reply_to")),
            alters: reading::deletes(named("deletes")).or_else(|| reading::edits(named("edits"))),
            location: data.get("location").and_then(reading::location),
            contacts: reading::list(data, "contacts").iter().map(contact).collect(),
            choice: reading::word(data, "choice"),
            raw: data.clone(),
            ..message
        })))
    }
}

/// The other side: the phone first, where it is known. Who wrote is the other side too, unless we did.
fn chat(data: &Value, from_me: bool) -> Vec<Address> {
    let jid = reading::word(data, "chat").unwrap_or_default();
    let mut chat = Vec::new();
    if !is_person(&jid) {
        return chat;
    }
    let phone = |name| {
        reading::word(data, name)
            .as_deref()
            .and_then(reading::phone)
            .map(Address::Phone)
    };
    let lid = |name| {
        reading::word(data, name)
            .as_deref()
            .and_then(lid_digits)
            .map(Address::Lid)
    };
    reading::add(&mut chat, phone("chat_phone"));
    reading::add(&mut chat, of_jid(&jid));
    reading::add(&mut chat, lid("chat_lid"));
    if !from_me {
        reading::add(&mut chat, phone("sender_phone"));
        reading::add(&mut chat, lid("sender_lid"));
    }
    chat.sort_by_key(|address| !matches!(address, Address::Phone(_)));
    chat
}

const PHONE_SERVERS: [&str; 3] = ["s.whatsapp.net", "c.us", "hosted"];
const LID_SERVERS: [&str; 2] = ["lid", "hosted.lid"];

/// Groups, lists and channels are no conversations of a business.
fn is_person(jid: &str) -> bool {
    jid.split_once('@')
        .is_none_or(|(_, server)| PHONE_SERVERS.contains(&server) || LID_SERVERS.contains(&server))
}

/// `972501234567@s.whatsapp.net` or `123@lid`, also with a device (`:7`) or an agent (`_1`). Digits before `@lid` are
/// never a phone.
fn of_jid(jid: &str) -> Option<Address> {
    let (user, server) = jid.split_once('@').unwrap_or((jid, "s.whatsapp.net"));
    let user = user.split([':', '_']).next().unwrap_or_default();
    if LID_SERVERS.contains(&server) {
        lid_digits(user).map(Address::Lid)
    } else {
        reading::phone(user).map(Address::Phone)
    }
}

/// A LID with or without its server and device.
fn lid_digits(text: &str) -> Option<String> {
    let user = text.split(['@', ':', '_']).next().unwrap_or_default();
    let sound = (1..=20).contains(&user.len()) && user.chars().all(|digit| digit.is_ascii_digit());
    sound.then(|| user.to_owned())
}

/// In our own words; one that we do not know is unsupported.
fn kind(data: &Value) -> Kind {
    data.get("kind")
        .and_then(|kind| serde_json::from_value(kind.clone()).ok())
        .unwrap_or(Kind::Unsupported)
}

fn media(file: &Value) -> Option<MediaSource> {
    Some(MediaSource {
        reference: reading::word(file, "url")?,
        mime_type: reading::word(file, "mime_type"),
        file_name: reading::word(file, "file_name"),
        sha256: reading::word(file, "sha256").as_deref().and_then(reading::sha256),
        size: file.get("size").and_then(Value::as_u64),
    })
}

fn contact(own: &Value) -> Contact {
    Contact {
        name: reading::word(own, "name").unwrap_or_default(),
        phones: reading::list(own, "phones")
            .iter()
            .filter_map(|phone| phone.as_str().map(str::to_owned))
            .collect(),
    }
}

/// Our id is the bridge's own.
fn status(account: &Account, data: &Value) -> Option<Event> {
    let id = reading::id(data, "id")?;
    Some(Event::Status(StatusNews {
        account: account.clone(),
        carrier_id: id.clone(),
        id: Some(id),
        status: wire::status(data.get("status")?.as_str()?)?,
        at: time(data, "timestamp"),
        code: reading::word(data, "code").as_deref().and_then(once::sound_code),
        message: reading::word(data, "message"),
    }))
}

fn link(account: &Account, data: &Value) -> Option<Event> {
    let number = reading::word(data, "number");
    Some(Event::Link(LinkNews {
        account: Account {
            number: number.as_deref().and_then(|number| Phone::parse(number).ok()),
            ..account.clone()
        },
        connected: data.get("connected")?.as_bool()?,
        qr: reading::word(data, "qr"),
        expires_at: time(data, "expires_at"),
        number,
        reason: reading::word(data, "reason"),
    }))
}

/// Seconds since 1970, or RFC 3339.
fn time(data: &Value, name: &str) -> Option<DateTime<Utc>> {
    reading::time(data, name).or_else(|| {
        let text = data.get(name)?.as_str()?;
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
    })
}

#[cfg(test)]
mod tests;
