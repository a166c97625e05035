//! WhatsApp through whichever company carries it: sending, reading what its webhooks bring, fetching files.
//!
//! A message is sent at most once: a [`SendFault`] says whether it may have been taken, and only what certainly was not
//! may go by another company or again. What webhooks bring is read here into [`Event`]s and stored by the product; a
//! signature was checked before.

pub mod link;
pub mod signing;

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kernel::Phone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Fault;

/// A company, or our own bridge to WhatsApp Web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    Baileys,
    Twilio,
    Meta,
}

impl Carrier {
    pub const ALL: [Self; 3] = [Self::Baileys, Self::Twilio, Self::Meta];

    /// The word in settings, in the database and at the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Baileys => "baileys",
            Self::Twilio => "twilio",
            Self::Meta => "meta",
        }
    }

    /// Whether free text may be sent only within 24 hours of the other side's last message.
    pub const fn has_window(self) -> bool {
        !matches!(self, Self::Baileys)
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl FromStr for Carrier {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|carrier| carrier.word() == word).ok_or(())
    }
}

/// Whom a message goes to or comes from. A person may hide the phone: then one of the other two is all there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum Address {
    Phone(Phone),
    /// WhatsApp's own number of a person, without `@lid`; its digits are never a phone.
    Lid(String),
    /// A business-scoped id of Meta's and Twilio's, as `IL.…`.
    Bsuid(String),
}

/// What a message is. The words are those of the database and the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Text,
    Image,
    Audio,
    /// A voice note, as opposed to a sound file.
    Voice,
    Video,
    Document,
    Sticker,
    Location,
    Contacts,
    /// A button or a row of a list that was chosen.
    Interactive,
    Template,
    Reaction,
    Order,
    System,
    Unsupported,
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Ours, of letters and digits, never used twice. By it a repeat is known: Baileys makes it the message's own id,
    /// Meta gives it back with each status.
    pub id: String,
    pub from: Option<Phone>,
    pub to: Address,
    pub body: Body,
    pub reply_to: Option<Quoted>,
    /// Where the carrier tells what became of it, for those that are told with each message.
    pub status_callback: Option<String>,
}

/// The message that is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The carrier's own.
    pub carrier_id: String,
    /// What it says and whose it is, for a carrier that keeps no messages.
    pub text: Option<String>,
    pub from_me: bool,
}

#[derive(Clone, Debug)]
pub enum Body {
    Text(String),
    Media {
        kind: Kind,
        /// From where the carrier fetches the file; for our own bridge, a path of the server's.
        url: String,
        mime_type: String,
        file_name: Option<String>,
        caption: Option<String>,
    },
    Template(Template),
}

/// An approved template with its values.
#[derive(Clone, Debug)]
pub struct Template {
    /// The carrier's own: Twilio's `ContentSid`, Meta's name.
    pub reference: String,
    pub language: String,
    /// In the template's order, each with its name (`1`, `2`, … where it has none).
    pub variables: Vec<(String, String)>,
    /// What the person will read, for a carrier that knows no templates.
    pub text: String,
}

/// The carrier has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// `None` when the answer named no id: it comes with a status.
    pub carrier_id: Option<String>,
    pub status: Status,
}

/// What becomes of a message, in the order in which it can only go forward; the last two stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Sending,
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
    /// It was on its way when the carrier lost sight of it: it may have gone.
    Unknown,
}

/// Why a message did not go. Codes are the carrier's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// Not taken, and this carrier takes nothing now: off, not connected, wrong key, unpaid, account barred. Another
    /// carrier may take it.
    #[error("unusable: {message}")]
    Unusable { code: Option<String>, message: String },
    /// Not taken, and may be soon: not reached, limited, overloaded. Another carrier may take it once this one's tries
    /// are spent.
    #[error("later: {message}")]
    Later {
        code: Option<String>,
        message: String,
        retry_after_seconds: Option<u64>,
    },
    /// Not taken: the other side last wrote more than 24 hours ago, and this was no approved template.
    #[error("outside the window")]
    OutsideWindow { code: Option<String> },
    /// Refused for good, by anyone: the recipient, the contents, a policy.
    #[error("refused: {message}")]
    Refused { code: Option<String>, message: String },
    /// It went out whole or in part and no readable answer came: it may have been taken. Never sent again; a status or
    /// [`WhatsApp::find`] tells.
    #[error("unknown: {message}")]
    Unknown { message: String },
}

impl SendFault {
    /// A short word for logs and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unusable { .. } => "unusable",
            Self::Later { .. } => "later",
            Self::OutsideWindow { .. } => "outside_window",
            Self::Refused { .. } => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The carrier's own code, where it said one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Unusable { code, .. }
            | Self::Later { code, .. }
            | Self::OutsideWindow { code }
            | Self::Refused { code, .. } => code.as_deref(),
            Self::Unknown { .. } => None,
        }
    }
}

/// A message that may have been taken.
#[derive(Clone, Debug)]
pub struct Sought {
    pub id: String,
    pub from: Option<Phone>,
    pub to: Address,
    /// What was to be sent, as far as the carrier shows it again.
    pub text: Option<String>,
    pub sent_at: DateTime<Utc>,
}

/// What the carrier says of a message that was sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    There {
        carrier_id: String,
        status: Status,
    },
    /// It was certainly not taken.
    Nowhere,
    /// It cannot be asked, or more than one fits: a status may still come, or a person decides.
    Unclear,
}

/// Whether a carrier is usable now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    pub connected: bool,
    /// Whether a code is there to be scanned.
    pub qr_available: bool,
    pub number: Option<String>,
    pub last_seen: Option<DateTime<Utc>>,
    /// One sentence for the log and the owner.
    pub detail: String,
}

/// A file that a message brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaSource {
    /// An address or the carrier's id of the file; whatever [`WhatsApp::media`] of the same carrier needs.
    pub reference: String,
    pub mime_type: Option<String>,
    pub file_name: Option<String>,
    /// As hexadecimal, where the carrier said it.
    pub sha256: Option<String>,
    pub size: Option<u64>,
}

/// A fetched file, whole; its size was checked while it came.
#[derive(Clone, Debug)]
pub struct Media {
    pub bytes: Bytes,
    pub mime_type: Option<String>,
}

/// One account with one carrier.
#[async_trait]
pub trait WhatsApp: Send + Sync {
    fn carrier(&self) -> Carrier;

    /// Sends once. The caller has written the message down before.
    async fn send(&self, message: &Outgoing) -> Result<Accepted, SendFault>;

    /// What became of a message of which no answer came.
    async fn find(&self, message: &Sought) -> Result<Found, Fault>;

    /// Whether it would take a message now. Cheap: a carrier that cannot be asked answers from its settings.
    async fn connection(&self) -> Result<Connection, Fault>;

    /// At most `most` bytes; a larger file is `Rejected`, one that is gone `Declined`.
    async fn media(&self, source: &MediaSource, most: u64) -> Result<Media, Fault>;
}

/// What a webhook brought, in the order of its body.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Message(Box<Inbound>),
    Status(StatusNews),
    /// The bridge's session changed.
    Link(LinkNews),
    /// Something that we do not know, kept as it came.
    Other {
        account: Account,
        raw: Value,
    },
}

/// To whom of ours an event belongs, as the carrier names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The business's number, E.164.
    pub number: Option<Phone>,
    /// Meta's `phone_number_id`.
    pub meta_phone_number_id: Option<String>,
    /// The bridge says our own id of the business.
    pub business_id: Option<i64>,
    /// Twilio's account.
    pub account_sid: Option<String>,
}

/// A message as it came: from the other side, or from the business's own phone.
#[derive(Clone, Debug, PartialEq)]
pub struct Inbound {
    pub account: Account,
    /// The carrier's own id; with account and chat it is unique.
    pub carrier_id: String,
    /// The other side of the conversation, each way in which it is known, the best first. Never empty.
    pub chat: Vec<Address>,
    /// Written by the business itself, on its phone.
    pub from_me: bool,
    /// Came while nobody listened: true, but too old to be answered by itself.
    pub backlog: bool,
    pub sent_at: DateTime<Utc>,
    pub profile_name: Option<String>,
    pub kind: Kind,
    /// What is to be read: text, caption, the title of a button, the emoji of a reaction (empty when taken back).
    pub text: Option<String>,
    pub media: Vec<MediaSource>,
    /// The carrier's id of the message that is answered, or that a reaction is about.
    pub reply_to: Option<String>,
    /// What it does to an older message, if it is no message of its own.
    pub alters: Option<Alters>,
    pub location: Option<Location>,
    /// Contacts that were sent, as names and phones.
    pub contacts: Vec<Contact>,
    /// The id behind a button or a row of a list.
    pub choice: Option<String>,
    /// As it came, for kinds that we do not show and for doubts.
    pub raw: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alters {
    Edit { carrier_id: String },
    Delete { carrier_id: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    pub phones: Vec<String>,
}

/// What the carrier tells of a message of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusNews {
    pub account: Account,
    pub carrier_id: String,
    /// Our own id, where the carrier gives it back.
    pub id: Option<String>,
    pub status: Status,
    pub at: Option<DateTime<Utc>>,
    pub code: Option<String>,
    pub message: Option<String>,
}

/// The bridge's session of a business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkNews {
    pub account: Account,
    pub connected: bool,
    pub qr: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub number: Option<String>,
    /// Why it is not connected, in the bridge's word: `logged_out`, `replaced`, `restarting`, `unreachable`, …
    pub reason: Option<String>,
}

/// A body that is not what its carrier sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unreadable: {0}")]
pub struct Unreadable(pub String);

/// Reads a carrier's webhooks. Pure; the signature was checked before.
pub trait Reader: Send + Sync {
    /// All that the body holds. What is malformed inside a readable body is an [`Event::Other`], so that the rest of a
    /// batch is not lost.
    fn read(&self, body: &[u8]) -> Result<Vec<Event>, Unreadable>;
}
