//! What threads and messages can be.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::whatsapp::{Address, Carrier, Kind, Status as Told};
use serde_json::Value;

pub const IN: &str = "in";
pub const OUT: &str = "out";

/// So long after the other side's last message free text may be sent.
pub const WINDOW: TimeDelta = TimeDelta::hours(24);
/// How often a message is tried by one carrier.
pub const MOST_TRIES: i32 = 5;
/// A message of more than this is refused; of the carriers Meta takes most.
pub const MOST_TEXT_CHARS: usize = 4_096;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Queued,
    Sending,
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
    /// It may have gone; nobody knows.
    Unknown,
    Received,
}

impl Status {
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Failed,
        Self::Unknown,
        Self::Received,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Received => "received",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// A status only ever gives way to one of a higher rank. What failed ranks as what was sent: a late `sent` says
    /// nothing against it, `delivered` does.
    pub const fn rank(self) -> i32 {
        match self {
            Self::Queued | Self::Unknown | Self::Received => 0,
            Self::Sending => 1,
            Self::Sent | Self::Failed => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Played => 5,
        }
    }
}

impl From<Told> for Status {
    fn from(told: Told) -> Self {
        match told {
            Told::Sending => Self::Sending,
            Told::Sent => Self::Sent,
            Told::Delivered => Self::Delivered,
            Told::Read => Self::Read,
            Told::Played => Self::Played,
            Told::Failed => Self::Failed,
            Told::Unknown => Self::Unknown,
        }
    }
}

pub const THREAD_STATUSES: [&str; 3] = ["open", "waiting", "closed"];

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Customer,
    Person,
    /// Somebody of the business, on its phone.
    Phone,
    Agent,
    System,
    Api,
}

impl Source {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Person => "person",
            Self::Phone => "phone",
            Self::Agent => "agent",
            Self::System => "system",
            Self::Api => "api",
        }
    }

    /// Whether it goes out without a person's act: it keeps the Sabbath.
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Agent | Self::System)
    }
}

/// The word of a kind in the database and at the API.
pub const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Image => "image",
        Kind::Audio => "audio",
        Kind::Voice => "voice",
        Kind::Video => "video",
        Kind::Document => "document",
        Kind::Sticker => "sticker",
        Kind::Location => "location",
        Kind::Contacts => "contacts",
        Kind::Interactive => "interactive",
        Kind::Template => "template",
        Kind::Reaction => "reaction",
        Kind::Order => "order",
        Kind::System => "system",
        Kind::Unsupported => "unsupported",
    }
}

const KINDS: [Kind; 15] = [
    Kind::Text,
    Kind::Image,
    Kind::Audio,
    Kind::Voice,
    Kind::Video,
    Kind::Document,
    Kind::Sticker,
    Kind::Location,
    Kind::Contacts,
    Kind::Interactive,
    Kind::Template,
    Kind::Reaction,
    Kind::Order,
    Kind::System,
    Kind::Unsupported,
];

pub fn kind_of_word(word: &str) -> Kind {
    KINDS
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
        .unwrap_or(Kind::Unsupported)
}

/// Kinds with a file.
pub const MEDIA_KINDS: [&str; 6] = ["image", "audio", "voice", "video", "document", "sticker"];

/// What a file of this type is sent as.
pub fn kind_of_mime(mime: &str) -> Kind {
    match mime.split('/').next().unwrap_or_default() {
        "image" => Kind::Image,
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        _ => Kind::Document,
    }
}

/// Kind and value as they stand in the database.
pub fn address_words(address: &Address) -> (&'static str, &str) {
    match address {
        Address::Phone(phone) => ("phone", phone.as_str()),
        Address::Lid(lid) => ("lid", lid),
        Address::Bsuid(id) => ("bsuid", id),
    }
}

pub fn address_of(kind: &str, value: &str) -> Option<Address> {
    match kind {
        "phone" => kernel::Phone::parse(value).ok().map(Address::Phone),
        "lid" => Some(Address::Lid(value.to_owned())),
        "bsuid" => Some(Address::Bsuid(value.to_owned())),
        _ => None,
    }
}

/// Whether free text may go by this carrier now. `windows` is the thread's.
pub fn window_is_open(carrier: Carrier, windows: &Value, now: DateTime<Utc>) -> bool {
    if !carrier.has_window() {
        return true;
    }
    let last = windows.get(carrier.word()).and_then(Value::as_str);
    let last = last.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    last.is_some_and(|last| now - last.to_utc() < WINDOW)
}

/// What a list shows of a text.
pub fn beginning(text: Option<&str>) -> Option<String> {
    const SHOWN_CHARS: usize = 120;
    let text = text?.trim();
    (!text.is_empty()).then(|| text.chars().take(SHOWN_CHARS).collect())
}

/// Words by which somebody asks to be left alone.
const OPT_OUT: [&str; 6] = ["הסר", "הסרה", "הסירו", "הסירו אותי", "stop", "unsubscribe"];

/// Whether a text is nothing but such a wish.
pub fn is_opt_out(text: &str) -> bool {
    let bare = text
        .trim()
        .trim_matches(|c: char| c.is_ascii_punctuation() || c == '׳' || c == '״');
    let bare = bare.trim().to_lowercase();
    OPT_OUT.contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_word_of_its_own() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn only_a_bare_wish_to_be_left_alone_is_one() {
        for text in ["הסר", " הסר. ", "STOP", "הסירו אותי!"] {
            assert!(is_opt_out(text), "{text}");
        }
        for text in ["הסר את הכתם", "don't stop", "", "."] {
            assert!(!is_opt_out(text), "{text}");
        }
    }

    #[test]
    fn a_window_lasts_a_day_and_the_bridge_has_none() {
        let now = DateTime::from_timestamp(1_763_460_000, 0).expect("a time");
        let windows = serde_json::json!({ "twilio": now - TimeDelta::hours(23), "meta": now - TimeDelta::hours(25) });
        assert!(window_is_open(Carrier::Twilio, &windows, now));
        assert!(!window_is_open(Carrier::Meta, &windows, now));
        assert!(window_is_open(Carrier::Baileys, &windows, now));
        assert!(!window_is_open(Carrier::Twilio, &Value::Null, now));
    }
}
