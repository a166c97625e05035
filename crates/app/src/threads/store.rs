//! The tables of threads and what belongs to them.

use kernel::{Problem, Visibility};
use platform::db::{Find, ReadTx};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*, sea_query::SelectStatement};
use serde::{Deserialize, Serialize};

use crate::crm::sight;

/// Writes the parts that every entity of a business has.
macro_rules! owned {
    () => {
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        impl Owned for Entity {
            const BUSINESS: Column = Column::BusinessId;
        }
    };
}

/// A conversation in writing with one person.
pub mod thread {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "threads")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        /// None for people of the business itself.
        pub customer_id: Option<i64>,
        /// As the other side calls itself.
        pub name: Option<String>,
        /// `open`, `waiting` or `closed`.
        pub status: String,
        pub assignee_id: Option<i64>,
        /// A list of texts.
        pub labels: Json,
        pub snoozed_until: Option<DateTimeUtc>,
        /// Whether the agent may answer.
        pub bot: bool,
        /// Why it may not: `person`, `asked`, `anger`, `unsure`, `turned_off`.
        pub bot_off_reason: Option<String>,
        pub handed_over_at: Option<DateTimeUtc>,
        /// The carrier by which the last message went or came.
        pub carrier: Option<String>,
        /// Carrier → when the other side last wrote there.
        pub windows: Json,
        pub unread: i32,
        /// Since when the other side waits for an answer.
        pub waiting_since: Option<DateTimeUtc>,
        pub first_inbound_at: Option<DateTimeUtc>,
        pub last_inbound_at: Option<DateTimeUtc>,
        pub last_inbound_id: Option<i64>,
        pub last_outgoing_id: Option<i64>,
        pub last_message_id: Option<i64>,
        pub last_message_at: DateTimeUtc,
        pub last_message_kind: Option<String>,
        /// Its beginning.
        pub last_message_text: Option<String>,
        pub last_message_direction: Option<String>,
        /// What the agent would answer, for a person to send.
        pub draft: Option<String>,
        /// The message that the draft answers.
        pub draft_of_id: Option<i64>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    owned!();
}

/// A way in which the other side of a thread is known.
pub mod address {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "thread_addresses")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub thread_id: i64,
        /// `phone`, `lid` or `bsuid`.
        pub kind: String,
        pub value: String,
        /// 0 is the best to write to.
        pub position: i32,
        pub created_at: DateTimeUtc,
    }

    owned!();
}

/// What people of the business write to each other about a thread.
pub mod note {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "thread_notes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub thread_id: i64,
        pub author_id: Option<i64>,
        pub text: String,
        /// Ids of users.
        pub mentions: Json,
        pub created_at: DateTimeUtc,
    }

    owned!();
}

pub mod message {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "messages")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub thread_id: i64,
        /// The thread's, so that a customer's messages are one range of an index.
        pub customer_id: Option<i64>,
        /// `in` or `out`.
        pub direction: String,
        /// [`contracts::whatsapp::Kind`]
        pub kind: String,
        /// Who wrote: `customer`, `person`, `phone` (the business's own), `agent`, `system` or `api`.
        pub source: String,
        pub author_id: Option<i64>,
        pub text: Option<String>,
        /// Location, contacts, choice, template, and what is kept raw.
        pub payload: Json,
        pub status: String,
        /// See [`super::super::model::Status::rank`].
        pub rank: i32,
        pub carrier: Option<String>,
        /// Somebody named the carrier: no other may take it.
        pub only_carrier: bool,
        /// Carriers that certainly did not take it.
        pub tried: Json,
        /// The account at the carrier.
        pub account: Option<String>,
        pub carrier_id: Option<String>,
        /// Our own id, by which a carrier knows a repeat.
        pub client_id: Option<String>,
        /// What comes twice under this key is one.
        pub once: Option<String>,
        pub reply_to_id: Option<i64>,
        pub attempts: i32,
        /// Marks the attempt that runs, or ended without a word.
        pub attempt: Option<String>,
        pub attempted_at: Option<DateTimeUtc>,
        pub next_try_at: Option<DateTimeUtc>,
        pub error_code: Option<String>,
        pub error_text: Option<String>,
        pub has_files: bool,
        /// Whose → emoji.
        pub reactions: Json,
        /// It came while nobody listened.
        pub backlog: bool,
        /// When it was written.
        pub at: DateTimeUtc,
        pub sent_at: Option<DateTimeUtc>,
        pub delivered_at: Option<DateTimeUtc>,
        pub read_at: Option<DateTimeUtc>,
        pub played_at: Option<DateTimeUtc>,
        pub failed_at: Option<DateTimeUtc>,
        pub edited_at: Option<DateTimeUtc>,
        pub deleted_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    owned!();
}

/// A file of a message.
pub mod file {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_files")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub message_id: i64,
        pub position: i32,
        /// `waiting`, `stored` or `failed`.
        pub state: String,
        /// [`contracts::whatsapp::MediaSource`]
        pub source: Option<Json>,
        pub mime_type: Option<String>,
        pub file_name: Option<String>,
        pub size_bytes: Option<i64>,
        pub sha256: Option<String>,
        pub storage_key: Option<String>,
        /// A voice note's words.
        pub transcript: Option<String>,
        pub error: Option<String>,
        pub created_at: DateTimeUtc,
        pub stored_at: Option<DateTimeUtc>,
    }

    owned!();
}

/// What a carrier told of a message that is not known yet.
pub mod early_status {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_statuses")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub carrier: String,
        pub account: String,
        pub carrier_id: String,
        pub status: String,
        pub code: Option<String>,
        pub message: Option<String>,
        pub at: DateTimeUtc,
        pub created_at: DateTimeUtc,
    }

    owned!();
}

pub mod template {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_templates")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub name: String,
        /// `he`
        pub language: String,
        /// With `{{1}}` or `{{name}}` where values go.
        pub body: String,
        pub twilio_content_sid: Option<String>,
        pub meta_name: Option<String>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    owned!();
}

pub mod canned {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "canned_replies")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub shortcut: String,
        pub text: String,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    owned!();
}

/// A chat of which nothing is kept but that it is private.
pub mod private {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "private_chats")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub hash: String,
        pub created_at: DateTimeUtc,
    }

    owned!();
}

/// A file that a person is about to send.
pub mod upload {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "uploads")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub name: String,
        pub content_type: String,
        pub size_bytes: i64,
        pub sha256: String,
        pub storage_key: String,
        pub created_by_id: Option<i64>,
        pub created_at: DateTimeUtc,
    }

    owned!();
}

/// What the bridge last said of the business's session.
pub mod link {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "whatsapp_links")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub connected: bool,
        pub number: Option<String>,
        pub reason: Option<String>,
        pub qr: Option<String>,
        pub qr_expires_at: Option<DateTimeUtc>,
        pub seen_at: DateTimeUtc,
    }

    owned!();
}

/// A body that was believed and is not worked in yet, or belongs to nobody here.
pub mod delivery {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "whatsapp_deliveries")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: Option<i64>,
        pub carrier: String,
        pub body: Vec<u8>,
        /// `waiting`, `unrouted` or `failed`.
        pub state: String,
        pub reason: Option<String>,
        pub request_id: String,
        pub received_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The threads that the actor may see.
pub fn visible(tx: &ReadTx) -> Find<'_, thread::Entity> {
    sight::visible(tx, thread::Column::AssigneeId)
}

/// 404 for one that is not there, another business's, or not the actor's to see.
pub async fn get(tx: &ReadTx, id: i64) -> Result<thread::Model, Problem> {
    visible(tx).by_id(id).one().await?.ok_or_else(Problem::not_found)
}

/// As [`get`], locked until the transaction ends.
pub async fn locked(tx: &ReadTx, id: i64) -> Result<thread::Model, Problem> {
    visible(tx).by_id(id).lock().one().await?.ok_or_else(Problem::not_found)
}

/// The messages that the actor may see and that were not deleted.
pub fn visible_messages(tx: &ReadTx) -> Find<'_, message::Entity> {
    let find = tx
        .find::<message::Entity>()
        .filter(message::Column::DeletedAt.is_null());
    if tx.scope().visibility() == Visibility::All {
        return find;
    }
    find.filter(message::Column::ThreadId.in_subquery(visible_ids(tx)))
}

/// A query of their ids.
pub fn visible_ids(tx: &ReadTx) -> SelectStatement {
    let mut ids = thread::Entity::find().select_only().column(thread::Column::Id);
    if let Ok(business) = tx.scope().business() {
        ids = ids.filter(thread::Column::BusinessId.eq(business.get()));
    }
    if let Visibility::OwnAndUnassigned(user) = tx.scope().visibility() {
        let holder = thread::Column::AssigneeId;
        ids = ids.filter(Condition::any().add(holder.eq(user.get())).add(holder.is_null()));
    }
    ids.into_query()
}

/// What a message's `payload` holds beside its text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<contracts::whatsapp::Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<contracts::whatsapp::Contact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// The template that goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateUse>,
    /// From where the carrier fetches the file that goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    /// The carrier's id of the message that is answered, when we do not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Json>,
}

/// A template with its values, as it was when it was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateUse {
    pub name: String,
    pub language: String,
    pub twilio_content_sid: Option<String>,
    pub meta_name: Option<String>,
    pub variables: Vec<(String, String)>,
}

impl message::Model {
    pub fn payload(&self) -> Payload {
        serde_json::from_value(self.payload.clone()).unwrap_or_default()
    }

    pub fn is_out(&self) -> bool {
        self.direction == super::model::OUT
    }
}

impl Payload {
    pub fn json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_else(|_| serde_json::json!({}))
    }
}
