//! The tables of calls, their turns and recordings.

use kernel::{Problem, Visibility};
use platform::db::{Find, ReadTx};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use crate::crm::customers;

/// The calls that the actor may see: of customers that they may see, of nobody known, and those that they had
/// themselves.
pub fn visible(tx: &ReadTx) -> Find<'_, call::Entity> {
    tx.find::<call::Entity>().filter(of_actor(tx))
}

/// What makes a call one that the actor may see.
pub fn of_actor(tx: &ReadTx) -> Condition {
    let Visibility::OwnAndUnassigned(user) = tx.scope().visibility() else {
        return Condition::all();
    };
    Condition::any()
        .add(call::Column::CustomerId.is_null())
        .add(call::Column::UserId.eq(user.get()))
        .add(call::Column::CustomerId.in_subquery(customers_in_sight(tx, Condition::all())))
}

/// The ids of those customers, deleted ones among them, whom the actor may see and of whom this is true.
pub fn customers_in_sight(tx: &ReadTx, what: Condition) -> SelectStatement {
    use customers::store::{Column, Entity};
    let mut ids = Entity::find().select_only().column(Column::Id).filter(what);
    if let Visibility::OwnAndUnassigned(user) = tx.scope().visibility() {
        let theirs = Condition::any().add(Column::OwnerId.eq(user.get()));
        ids = ids.filter(theirs.add(Column::OwnerId.is_null()));
    }
    if let Ok(business) = tx.scope().business() {
        ids = ids.filter(Column::BusinessId.eq(business.get()));
    }
    ids.into_query()
}

/// What statistics count: no test calls, and not the calls of those who are marked as no customer.
pub fn counted(tx: &ReadTx) -> Condition {
    // a literal, so that the indexes of real calls are seen to fit
    let real = Expr::cust("NOT calls.test");
    let of_customers = Condition::any()
        .add(call::Column::CustomerId.is_null())
        .add(call::Column::CustomerId.not_in_subquery(customers::store::not_customers(tx)));
    Condition::all().add(real).add(of_customers)
}

/// 404 for a call that is not there, another business's, or not the actor's to see.
pub async fn get(tx: &ReadTx, id: i64) -> Result<call::Model, Problem> {
    visible(tx).by_id(id).one().await?.ok_or_else(Problem::not_found)
}

pub mod call {
    use platform::db::Owned;
    use sea_orm::{ActiveValue::Set, entity::prelude::*};

    use crate::calls::model::{Extracted, Mode};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "calls")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub call_sid: String,
        pub account_sid: Option<String>,
        pub parent_call_id: Option<i64>,
        pub customer_id: Option<i64>,
        /// The person who placed an outgoing call, or to whom the call was handed.
        pub user_id: Option<i64>,
        pub caller_hidden: bool,
        pub test: bool,
        /// `in` or `out`.
        pub direction: String,
        pub from_number: String,
        pub to_number: String,
        pub forwarded_from: Option<String>,
        /// [`crate::calls::model::Status`].
        pub status: String,
        /// [`crate::calls::model::Mode`].
        pub mode: String,
        pub greeting_played: bool,
        /// [`crate::calls::model::NextStep`].
        pub next_step: Option<Json>,
        /// The process that holds, or last held, the media socket.
        pub node: Option<String>,
        pub started_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub duration_seconds: Option<i64>,
        /// The last callback, turn or sign of life of the socket.
        pub last_seen_at: DateTimeUtc,
        pub turn_count: i32,
        pub has_recording: bool,
        pub transcription: Option<String>,
        pub summary: Option<String>,
        /// [`crate::calls::model::Extracted`].
        pub extracted: Option<Json>,
        pub sentiment: Option<String>,
        /// The caller asked for a person or for a call back.
        pub wants_person: bool,
        /// How long a person spoke with the caller; null when none did.
        pub person_seconds: Option<i64>,
        /// The end was not reported by Twilio but concluded; a later report corrects it.
        pub end_guessed: bool,
        pub outcome: Option<String>,
        pub needs_callback: bool,
        pub callback_since: Option<DateTimeUtc>,
        pub claimed_by_id: Option<i64>,
        pub claimed_until: Option<DateTimeUtc>,
        pub handled_at: Option<DateTimeUtc>,
        pub handled_by_id: Option<i64>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }

    impl Model {
        /// What was taken from the call by now.
        pub fn extracted(&self) -> Extracted {
            self.extracted
                .clone()
                .and_then(|extracted| serde_json::from_value(extracted).ok())
                .unwrap_or_default()
        }
    }

    impl ActiveModel {
        /// What every new call has alike.
        pub fn blank(now: DateTimeUtc) -> Self {
            Self {
                mode: Set(Mode::Realtime.as_str().to_owned()),
                caller_hidden: Set(false),
                test: Set(false),
                greeting_played: Set(false),
                turn_count: Set(0),
                has_recording: Set(false),
                wants_person: Set(false),
                end_guessed: Set(false),
                needs_callback: Set(false),
                version: Set(1),
                started_at: Set(now),
                last_seen_at: Set(now),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            }
        }
    }
}

pub mod turn {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_turns")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub call_id: i64,
        /// Counts from 1 within the call.
        pub turn_id: i32,
        pub caller_text: Option<String>,
        /// Only what the caller really heard.
        pub agent_text: String,
        pub caller_from_ms: Option<i64>,
        pub caller_to_ms: Option<i64>,
        pub agent_from_ms: Option<i64>,
        pub agent_to_ms: Option<i64>,
        pub t_audio_ms: Option<i64>,
        pub t_nlp_ms: Option<i64>,
        pub t_tts_ms: Option<i64>,
        pub t_total_ms: Option<i64>,
        pub mode: String,
        pub interrupted: bool,
        pub tools: Json,
        pub created_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}

pub mod recording {
    use platform::db::Owned;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "recordings")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub business_id: i64,
        pub call_id: i64,
        /// Twilio's sid; `stream` for the recording made from the media socket.
        pub recording_sid: String,
        /// [`crate::calls::model::Source`].
        pub source: String,
        pub source_url: Option<String>,
        /// [`crate::calls::model::RecordingState`].
        pub state: String,
        pub storage_key: Option<String>,
        pub content_type: Option<String>,
        pub channels: Option<i32>,
        pub duration_ms: Option<i64>,
        pub size_bytes: Option<i64>,
        pub sha256: Option<String>,
        pub transcript: Option<String>,
        pub error: Option<String>,
        pub created_at: DateTimeUtc,
        pub stored_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Owned for Entity {
        const BUSINESS: Column = Column::BusinessId;
    }
}
