//! Twilio's webhooks: an inbound message, or the status of one of ours, as a form.
//!
//! After the vendor's «Webhook request to your Messaging webhook URL» and «Outbound message status in status callbacks».

use std::collections::BTreeMap;

use contracts::whatsapp::{
    Account, Address, Event, Inbound, Kind, Location, MediaSource, Reader, StatusNews, Unreadable,
};
use kernel::Clock;
use serde_json::{Map, Value};

use super::{faults, wire};
use crate::whatsapp::{once, reading};

/// A message has at most ten files; more fields than this has none.
const MOST_FILES: usize = 10;
const MOST_FIELDS: usize = 512;

/// Reads both kinds of webhook. An inbound message names no time: it is of now.
#[derive(Clone, Debug, Default)]
pub struct TwilioReader {
    clock: Clock,
}

impl TwilioReader {
    pub const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl Reader for TwilioReader {
    fn read(&self, body: &[u8]) -> Result<Vec<Event>, Unreadable> {
        let form = Form::parse(body)?;
        // An inbound message has the latter only, and there it says `received`.
        let event = match form.get("MessageStatus").or_else(|| form.get("SmsStatus")) {
            Some(word) if !matches!(word, "receiving" | "received") => status(&form, word),
            _ => self.message(&form),
        };
        Ok(vec![event.unwrap_or_else(|| Event::Other {
            account: form.account("To"),
            raw: form.raw(),
        })])
    }
}

/// Fields by name; of a repeated one the first counts.
struct Form(BTreeMap<String, String>);

impl Form {
    fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body).take(MOST_FIELDS) {
            fields.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        if fields.is_empty() {
            return Err(Unreadable("no fields".to_owned()));
        }
        Ok(Self(fields))
    }

    /// A blank field is none.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn sid(&self) -> Option<String> {
        let sid = ["MessageSid", "SmsMessageSid", "SmsSid"]
            .into_iter()
            .find_map(|name| self.get(name))?;
        once::sound_code(sid)
    }

    /// Ours is the side that `ours` names.
    fn account(&self, ours: &str) -> Account {
        Account {
            number: self.get(ours).and_then(address).and_then(|address| match address {
                Address::Phone(phone) => Some(phone),
                _ => None,
            }),
            account_sid: self.text("AccountSid"),
            ..Account::default()
        }
    }

    fn raw(&self) -> Value {
        let fields: Map<String, Value> = self
            .0
            .iter()
            .map(|(name, value)| (name.clone(), Value::String(value.clone())))
            .collect();
        Value::Object(fields)
    }
}

/// `whatsapp:+972…`, or `whatsapp:` and a business-scoped id.
fn address(text: &str) -> Option<Address> {
    let text = text.strip_prefix("whatsapp:").unwrap_or(text).trim();
    reading::phone(text)
        .map(Address::Phone)
        .or_else(|| reading::bsuid(text))
}

fn status(form: &Form, word: &str) -> Option<Event> {
    Some(Event::Status(StatusNews {
        account: form.account("From"),
        carrier_id: form.sid()?,
        id: None,
        status: wire::status(word)?,
        at: None,
        code: form.get("ErrorCode").map(Value::from).as_ref().and_then(faults::code),
        message: form.text("ErrorMessage").or_else(|| form.text("ChannelStatusMessage")),
    }))
}

impl TwilioReader {
    fn message(&self, form: &Form) -> Option<Event> {
        let mut chat = Vec::new();
        reading::add(&mut chat, form.get("From").and_then(address));
        reading::add(&mut chat, form.get("WaId").and_then(address));
        if chat.is_empty() {
            return None;
        }
        // The phone is the better name.
        chat.sort_by_key(|address| !matches!(address, Address::Phone(_)));
        let message = reading::blank(form.account("To"), form.sid()?, chat, self.clock.now());
        let media = media(form);
        let location = location(form);
        let chosen = chosen(form);
        let kind = kind(form, &media, location.is_some(), chosen.is_some());
        let (choice, title) = chosen.unwrap_or_default();
        Some(Event::Message(Box::new(Inbound {
            profile_name: form.text("ProfileName"),
            kind,
            text: title.or_else(|| form.text("Body")),
            media,
            reply_to: form.text("OriginalRepliedMessageSid"),
            location,
            choice,
            raw: form.raw(),
            ..message
        })))
    }
}

fn media(form: &Form) -> Vec<MediaSource> {
    (0..MOST_FILES)
        .map_while(|n| {
            Some(MediaSource {
                reference: form.text(&format!("MediaUrl{n}"))?,
                mime_type: form.text(&format!("MediaContentType{n}")),
                file_name: None,
                sha256: None,
                size: None,
            })
        })
        .collect()
}

fn location(form: &Form) -> Option<Location> {
    let degrees = |name| {
        form.get(name)?
            .trim()
            .parse()
            .ok()
            .filter(|degrees: &f64| degrees.is_finite())
    };
    Some(Location {
        latitude: degrees("Latitude")?,
        longitude: degrees("Longitude")?,
        name: form.text("Label"),
        address: form.text("Address"),
    })
}

/// The id and the title of a button or of a row of a list.
fn chosen(form: &Form) -> Option<(Option<String>, Option<String>)> {
    let pair = |id, title| (form.text(id), form.text(title));
    [pair("ButtonPayload", "ButtonText"), pair("ListId", "ListTitle")]
        .into_iter()
        .find(|(id, title)| id.is_some() || title.is_some())
}

/// What Twilio calls it; else what is in it.
fn kind(form: &Form, media: &[MediaSource], located: bool, chosen: bool) -> Kind {
    let kind_of_file = || {
        media
            .first()
            .map(|file| of_file(file.mime_type.as_deref().unwrap_or_default()))
    };
    match form.get("MessageType").unwrap_or_default() {
        "text" => Kind::Text,
        "image" => Kind::Image,
        "audio" => kind_of_file()
            .filter(|kind| *kind == Kind::Voice)
            .unwrap_or(Kind::Audio),
        "voice" => Kind::Voice,
        "video" => Kind::Video,
        "document" => Kind::Document,
        "sticker" => Kind::Sticker,
        "location" => Kind::Location,
        "contact" | "contacts" => Kind::Contacts,
        "button" | "interactive" => Kind::Interactive,
        "reaction" => Kind::Reaction,
        "order" => Kind::Order,
        "system" => Kind::System,
        "" if chosen => Kind::Interactive,
        "" if located => Kind::Location,
        "" => kind_of_file().unwrap_or(if form.get("Body").is_some() {
            Kind::Text
        } else {
            Kind::Unsupported
        }),
        _ => Kind::Unsupported,
    }
}

/// WhatsApp records voice notes as Ogg, and nothing else so.
fn of_file(mime_type: &str) -> Kind {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "audio/ogg" => Kind::Voice,
        "text/vcard" | "text/x-vcard" => Kind::Contacts,
        "image/webp" => Kind::Sticker,
        _ => match essence.split('/').next().unwrap_or_default() {
            "image" => Kind::Image,
            "audio" => Kind::Audio,
            "video" => Kind::Video,
            _ => Kind::Document,
        },
    }
}

#[cfg(test)]
mod tests;
