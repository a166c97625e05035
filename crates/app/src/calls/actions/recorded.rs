//! Recordings that Twilio tells of.

use kernel::Problem;
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};

use crate::calls::{
    model::Source,
    store::{call, recording},
};

/// What Twilio says of a recording.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Twilio's sid, or one made from the URL when it gave none.
    pub sid: String,
    /// `None` when there is nothing to fetch (too short, silent, failed).
    pub url: Option<String>,
    pub duration_ms: Option<i64>,
    pub channels: Option<i32>,
    pub error: Option<String>,
}

/// Writes a recording once; `None` when it was known already.
pub async fn keep_recording(
    tx: &WriteTx,
    call: &call::Model,
    recorded: Recorded,
) -> Result<Option<recording::Model>, Problem> {
    let row = recording::ActiveModel {
        call_id: Set(call.id),
        recording_sid: Set(recorded.sid),
        source: Set(Source::Twilio.as_str().to_owned()),
        state: Set(if recorded.url.is_some() { "pending" } else { "failed" }.to_owned()),
        source_url: Set(recorded.url),
        channels: Set(recorded.channels),
        duration_ms: Set(recorded.duration_ms),
        error: Set(recorded.error),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let mut once = OnConflict::columns([
        recording::Column::BusinessId,
        recording::Column::CallId,
        recording::Column::RecordingSid,
    ]);
    once.do_nothing();
    Ok(tx.insert_or(row, once).await?)
}
