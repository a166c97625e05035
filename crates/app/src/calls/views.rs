//! Calls as the API shows them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::Problem;
use platform::db::ReadTx;
use sea_orm::ColumnTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{Extracted, Source},
    store::{call, recording},
    turn::Turn,
};
use crate::crm::{customers, sight};

/// A call in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallRow)]
pub struct CallRow {
    pub id: i64,
    pub business_id: i64,
    pub call_sid: String,
    pub customer_id: Option<i64>,
    pub customer_name: Option<String>,
    pub caller_hidden: bool,
    pub test: bool,
    /// `in` or `out`.
    pub direction: String,
    pub from_number: String,
    pub to_number: String,
    /// Twilio's word.
    pub status: String,
    /// `realtime`, `turn_based` or `voicemail`.
    pub mode: String,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub duration_seconds: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub recording_url: Option<String>,
    pub summary: Option<String>,
    /// `talked`, `message`, `transferred`, `abandoned`, `missed` or `not_reached`; null while it runs.
    pub outcome: Option<String>,
    pub needs_callback: bool,
    pub claimed_by_id: Option<i64>,
    pub claimed_until: Option<DateTime<Utc>>,
    pub handled_at: Option<DateTime<Utc>>,
    pub handled_by_id: Option<i64>,
}

/// A recording of a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CallRecording)]
pub struct RecordingView {
    pub id: i64,
    /// `stream` or `twilio`.
    pub source: String,
    /// Null while it is fetched, and when it could not be.
    pub url: Option<String>,
    /// `pending`, `stored` or `failed`.
    pub state: String,
    pub duration_ms: Option<i64>,
    pub channels: Option<i32>,
    pub content_type: Option<String>,
    pub transcript: Option<String>,
}

/// A whole call.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    #[serde(flatten)]
    pub row: CallRow,
    pub transcription: Option<String>,
    pub turns: Vec<Turn>,
    pub recordings: Vec<RecordingView>,
    pub extracted: Extracted,
    /// `positive`, `neutral` or `negative`.
    pub sentiment: Option<String>,
    pub wants_person: bool,
    /// How long a person spoke with the caller.
    pub person_seconds: Option<i64>,
    pub user_id: Option<i64>,
}

impl CallRow {
    pub fn new(call: &call::Model, customer_name: Option<String>, now: DateTime<Utc>) -> Self {
        let claimed = call.claimed_until.is_some_and(|until| until > now);
        Self {
            id: call.id,
            business_id: call.business_id,
            call_sid: call.call_sid.clone(),
            customer_id: call.customer_id,
            customer_name,
            caller_hidden: call.caller_hidden,
            test: call.test,
            direction: call.direction.clone(),
            from_number: call.from_number.clone(),
            to_number: call.to_number.clone(),
            status: call.status.clone(),
            mode: call.mode.clone(),
            started_at: call.started_at,
            ended_at: call.ended_at,
            duration_seconds: call.duration_seconds,
            created_at: call.created_at,
            recording_url: call.has_recording.then(|| format!("/api/calls/{}/recording", call.id)),
            summary: call.summary.clone(),
            outcome: call.outcome.clone(),
            needs_callback: call.needs_callback,
            claimed_by_id: call.claimed_by_id.filter(|_| claimed),
            claimed_until: call.claimed_until.filter(|_| claimed),
            handled_at: call.handled_at,
            handled_by_id: call.handled_by_id,
        }
    }
}

impl From<recording::Model> for RecordingView {
    fn from(recording: recording::Model) -> Self {
        Self {
            id: recording.id,
            url: recording
                .storage_key
                .is_some()
                .then(|| format!("/api/calls/{}/recording?recording={}", recording.call_id, recording.id)),
            source: recording.source,
            state: recording.state,
            duration_ms: recording.duration_ms,
            channels: recording.channels,
            content_type: recording.content_type,
            transcript: recording.transcript,
        }
    }
}

/// The calls' customers, by id: those whom the actor may see.
pub async fn names(tx: &ReadTx, calls: &[call::Model]) -> Result<HashMap<i64, customers::store::Model>, Problem> {
    let ids: Vec<i64> = calls.iter().filter_map(|call| call.customer_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = sight::visible::<customers::store::Entity>(tx, customers::store::Column::OwnerId)
        .filter(customers::store::Column::Id.is_in(ids))
        .all()
        .await?;
    Ok(found.into_iter().map(|customer| (customer.id, customer)).collect())
}

/// The customer's name, when somebody has said one.
pub fn name_of(names: &HashMap<i64, customers::store::Model>, call: &call::Model) -> Option<String> {
    names
        .get(&call.customer_id?)
        .and_then(|customer| customer.given_name().map(ToOwned::to_owned))
}

pub async fn rows(tx: &ReadTx, calls: &[call::Model]) -> Result<Vec<CallRow>, Problem> {
    let names = names(tx, calls).await?;
    let now = tx.now();
    Ok(calls
        .iter()
        .map(|call| CallRow::new(call, name_of(&names, call), now))
        .collect())
}

/// All recordings of a call, the one to play first: the socket's own, then as they came.
pub async fn recordings(tx: &ReadTx, call_id: i64) -> Result<Vec<recording::Model>, Problem> {
    let mut found = tx
        .find::<recording::Entity>()
        .filter(recording::Column::CallId.eq(call_id))
        .limit(100)
        .all()
        .await?;
    found.sort_by_key(|recording| (recording.source != Source::Stream.as_str(), recording.id));
    Ok(found)
}

/// The call with everything that belongs to it.
pub async fn whole(tx: &ReadTx, call: call::Model) -> Result<CallView, Problem> {
    let names = names(tx, std::slice::from_ref(&call)).await?;
    let turns = super::actions::turns(tx, call.id).await?;
    let recordings = recordings(tx, call.id).await?;
    Ok(CallView {
        row: CallRow::new(&call, name_of(&names, &call), tx.now()),
        extracted: call.extracted(),
        transcription: call.transcription,
        turns,
        recordings: recordings.into_iter().map(RecordingView::from).collect(),
        sentiment: call.sentiment,
        wants_person: call.wants_person,
        person_seconds: call.person_seconds,
        user_id: call.user_id,
    })
}
