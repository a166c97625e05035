//! Threads and messages as the API shows them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::whatsapp::{Carrier, Contact, Location};
use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::{ColumnTrait, Order};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    crm::customers,
    threads::{
        model::window_is_open,
        store::{address, file, message, note, thread},
    },
};

/// Files of one message at most.
const MOST_FILES: u64 = 1_000;

/// A way in which the other side is known.
#[derive(Serialize, ToSchema)]
pub struct ThreadAddress {
    /// `phone`, `lid` or `bsuid`.
    pub kind: String,
    pub value: String,
}

/// A conversation in writing.
#[derive(Serialize, ToSchema)]
#[schema(as = Thread)]
pub struct ThreadView {
    pub id: i64,
    pub business_id: i64,
    pub customer_id: Option<i64>,
    /// The customer's name, else as the other side calls itself.
    pub name: Option<String>,
    pub addresses: Vec<ThreadAddress>,
    /// `open`, `waiting` or `closed`.
    pub status: String,
    pub assignee_id: Option<i64>,
    #[schema(value_type = Vec<String>)]
    pub labels: Value,
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Whether the agent may answer here.
    pub bot: bool,
    /// Why it may not: `person`, `asked`, `anger`, `unsure`, `turned_off`.
    pub bot_off_reason: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
    /// `baileys`, `twilio` or `meta`.
    pub provider: Option<String>,
    /// Providers by which free text may go now, as far as the last message decides.
    pub open_providers: Vec<String>,
    pub unread: i32,
    /// Since when the other side waits for an answer.
    pub waiting_since: Option<DateTime<Utc>>,
    pub last_inbound_at: Option<DateTime<Utc>>,
    pub last_message_id: Option<i64>,
    pub last_message_at: DateTime<Utc>,
    pub last_message_kind: Option<String>,
    pub last_message_text: Option<String>,
    /// `in` or `out`.
    pub last_message_direction: Option<String>,
    /// What the agent would answer.
    pub draft: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ThreadView {
    pub async fn many(tx: &ReadTx, threads: Vec<thread::Model>) -> Result<Vec<Self>, Problem> {
        let names = customers::store::names(tx, threads.iter().filter_map(|thread| thread.customer_id)).await?;
        let mut addresses = addresses(tx, &threads).await?;
        let now = tx.now();
        Ok(threads
            .into_iter()
            .map(|thread| {
                let addresses = addresses.remove(&thread.id).unwrap_or_default();
                let name = thread.customer_id.and_then(|id| names.get(&id).cloned());
                Self::new(thread, name, addresses, now)
            })
            .collect())
    }

    pub async fn of(tx: &ReadTx, thread: thread::Model) -> Result<Self, Problem> {
        let one = Self::many(tx, vec![thread]).await?;
        one.into_iter().next().ok_or_else(Problem::internal)
    }

    fn new(thread: thread::Model, name: Option<String>, addresses: Vec<ThreadAddress>, now: DateTime<Utc>) -> Self {
        let open = Carrier::ALL
            .into_iter()
            .filter(|carrier| window_is_open(*carrier, &thread.windows, now));
        Self {
            open_providers: open.map(|carrier| carrier.word().to_owned()).collect(),
            id: thread.id,
            business_id: thread.business_id,
            customer_id: thread.customer_id,
            name: name.or(thread.name),
            addresses,
            status: thread.status,
            assignee_id: thread.assignee_id,
            labels: thread.labels,
            snoozed_until: thread.snoozed_until,
            bot: thread.bot,
            bot_off_reason: thread.bot_off_reason,
            handed_over_at: thread.handed_over_at,
            provider: thread.carrier,
            unread: thread.unread,
            waiting_since: thread.waiting_since,
            last_inbound_at: thread.last_inbound_at,
            last_message_id: thread.last_message_id,
            last_message_at: thread.last_message_at,
            last_message_kind: thread.last_message_kind,
            last_message_text: thread.last_message_text,
            last_message_direction: thread.last_message_direction,
            draft: thread.draft,
            created_at: thread.created_at,
            updated_at: thread.updated_at,
        }
    }
}

async fn addresses(tx: &ReadTx, threads: &[thread::Model]) -> Result<HashMap<i64, Vec<ThreadAddress>>, Problem> {
    let rows = tx
        .find::<address::Entity>()
        .filter(address::Column::ThreadId.is_in(threads.iter().map(|thread| thread.id)))
        .order_by(address::Column::Position, Order::Asc)
        .order_by(address::Column::Id, Order::Asc)
        .all()
        .await?;
    let mut of_thread: HashMap<i64, Vec<ThreadAddress>> = HashMap::new();
    for row in rows {
        of_thread.entry(row.thread_id).or_default().push(ThreadAddress {
            kind: row.kind,
            value: row.value,
        });
    }
    Ok(of_thread)
}

/// A file of a message.
#[derive(Serialize, ToSchema)]
pub struct MessageFile {
    pub id: i64,
    /// `waiting`, `stored` or `failed`.
    pub state: String,
    pub mime_type: Option<String>,
    pub file_name: Option<String>,
    pub size_bytes: Option<i64>,
    /// Where it is, once it is stored.
    pub url: Option<String>,
    /// A voice note's words.
    pub transcript: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MessageLocation {
    pub latitude: f64,
    pub longitude: f64,
    pub name: Option<String>,
    pub address: Option<String>,
}

impl From<Location> for MessageLocation {
    fn from(location: Location) -> Self {
        Self {
            latitude: location.latitude,
            longitude: location.longitude,
            name: location.name,
            address: location.address,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct MessageContact {
    pub name: String,
    pub phones: Vec<String>,
}

impl From<Contact> for MessageContact {
    fn from(contact: Contact) -> Self {
        Self {
            name: contact.name,
            phones: contact.phones,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    pub id: i64,
    pub business_id: i64,
    pub thread_id: i64,
    pub customer_id: Option<i64>,
    /// `in` or `out`.
    pub direction: String,
    /// `text`, `image`, `audio`, `voice`, `video`, `document`, `sticker`, `location`, `contacts`, `interactive`,
    /// `template`, `order`, `system` or `unsupported`.
    pub kind: String,
    /// `customer`, `person`, `phone`, `agent`, `system` or `api`.
    pub source: String,
    pub author_id: Option<i64>,
    /// Null when it was deleted.
    pub text: Option<String>,
    pub location: Option<MessageLocation>,
    pub contacts: Vec<MessageContact>,
    /// The id behind a button or row that was chosen.
    pub choice: Option<String>,
    /// The template's name.
    pub template: Option<String>,
    pub files: Vec<MessageFile>,
    /// `business` and `customer`, each with an emoji.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub reactions: Value,
    /// The message that is answered.
    pub reply_to: Option<i64>,
    /// `queued`, `sending`, `sent`, `delivered`, `read`, `played`, `failed`, `unknown` or `received`.
    pub status: String,
    pub provider: Option<String>,
    /// The provider's id.
    pub sid: Option<String>,
    /// Why it failed: the provider's code, and a sentence.
    pub error_code: Option<String>,
    pub error_text: Option<String>,
    pub at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
    pub played_at: Option<DateTime<Utc>>,
    pub failed_at: Option<DateTime<Utc>>,
    pub edited_at: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl MessageView {
    pub async fn many(tx: &ReadTx, messages: Vec<message::Model>) -> Result<Vec<Self>, Problem> {
        let mut files = files(tx, &messages).await?;
        Ok(messages
            .into_iter()
            .map(|message| {
                let files = files.remove(&message.id).unwrap_or_default();
                Self::new(message, files)
            })
            .collect())
    }

    pub async fn of(tx: &ReadTx, message: message::Model) -> Result<Self, Problem> {
        let one = Self::many(tx, vec![message]).await?;
        one.into_iter().next().ok_or_else(Problem::internal)
    }

    fn new(message: message::Model, files: Vec<MessageFile>) -> Self {
        let payload = message.payload();
        let gone = message.deleted_at.is_some();
        Self {
            id: message.id,
            business_id: message.business_id,
            thread_id: message.thread_id,
            customer_id: message.customer_id,
            direction: message.direction,
            kind: message.kind,
            source: message.source,
            author_id: message.author_id,
            text: message.text.filter(|_| !gone),
            location: payload.location.map(Into::into),
            contacts: payload.contacts.into_iter().map(Into::into).collect(),
            choice: payload.choice,
            template: payload.template.map(|template| template.name),
            files: if gone { Vec::new() } else { files },
            reactions: message.reactions,
            reply_to: message.reply_to_id,
            status: message.status,
            provider: message.carrier,
            sid: message.carrier_id,
            error_code: message.error_code,
            error_text: message.error_text,
            at: message.at,
            sent_at: message.sent_at,
            delivered_at: message.delivered_at,
            read_at: message.read_at,
            played_at: message.played_at,
            failed_at: message.failed_at,
            edited_at: message.edited_at,
            deleted_at: message.deleted_at,
            created_at: message.created_at,
        }
    }
}

async fn files(tx: &ReadTx, messages: &[message::Model]) -> Result<HashMap<i64, Vec<MessageFile>>, Problem> {
    let with_files: Vec<i64> = messages
        .iter()
        .filter(|message| message.has_files)
        .map(|message| message.id)
        .collect();
    let mut of_message: HashMap<i64, Vec<MessageFile>> = HashMap::new();
    if with_files.is_empty() {
        return Ok(of_message);
    }
    let rows = tx
        .find::<file::Entity>()
        .filter(file::Column::MessageId.is_in(with_files))
        .order_by(file::Column::Position, Order::Asc)
        .limit(MOST_FILES)
        .all()
        .await?;
    for row in rows {
        let stored = row.storage_key.is_some();
        of_message.entry(row.message_id).or_default().push(MessageFile {
            url: stored.then(|| format!("/api/whatsapp/files/{}", row.id)),
            id: row.id,
            state: row.state,
            mime_type: row.mime_type,
            file_name: row.file_name,
            size_bytes: row.size_bytes,
            transcript: row.transcript,
        });
    }
    Ok(of_message)
}

/// A note for the people of the business.
#[derive(Serialize, ToSchema)]
#[schema(as = ThreadNote)]
pub struct NoteView {
    pub id: i64,
    pub thread_id: i64,
    pub author_id: Option<i64>,
    pub text: String,
    /// Ids of users.
    #[schema(value_type = Vec<i64>)]
    pub mentions: Value,
    pub created_at: DateTime<Utc>,
}

impl From<note::Model> for NoteView {
    fn from(note: note::Model) -> Self {
        Self {
            id: note.id,
            thread_id: note.thread_id,
            author_id: note.author_id,
            text: note.text,
            mentions: note.mentions,
            created_at: note.created_at,
        }
    }
}
