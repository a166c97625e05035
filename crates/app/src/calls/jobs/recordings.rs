//! Recordings: fetched from Twilio or taken over from the media socket, stored, and put into words.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use contracts::{
    Fault,
    stt::{Transcript, Utterance},
};
use kernel::{BusinessId, Problem, Scope};
use platform::{
    db::WriteTx,
    jobs::{Enqueue, Job, JobContext, Outcome},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, IntoActiveModel, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{AfterCall, after::ask_to_listen};
use crate::{
    App, AppState,
    calls::{
        actions,
        model::{RecordingState, Source},
        sound,
        store::{call, recording},
    },
    crm::customers,
};

/// Twilio's media may take this long to come.
const FETCH: Duration = Duration::from_secs(20);
/// A recogniser may take this long for a message.
const HEAR: Duration = Duration::from_secs(60);
/// The first pause while Twilio does not have the media yet; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Fetches a recording from Twilio, stores it, and puts it into words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchRecording {
    pub recording_id: i64,
}

impl Job<AppState> for FetchRecording {
    const KIND: &'static str = "calls.fetch_recording";
    const MAX_ATTEMPTS: u32 = 9;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(240);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(outcome) => outcome,
            Err(problem) => Outcome::of_problem(&problem),
        }
    }
}

impl FetchRecording {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let Some((call, recording)) = self.load(app, ctx).await? else {
            return Ok(Outcome::Done);
        };
        let stored = match &recording.storage_key {
            Some(key) => app.storage.get(key).await?,
            None => match fetch(app, &recording).await {
                Fetched::Audio(bytes) => {
                    keep(app, ctx.scope(), &call, &recording, bytes.clone()).await?;
                    bytes
                }
                Fetched::NotYet(why) if !ctx.is_last_attempt() => {
                    let after = FIRST_PAUSE * 2_u32.saturating_pow(ctx.attempt().saturating_sub(1).min(8));
                    return Ok(Outcome::Retry {
                        after: Some(after),
                        why,
                    });
                }
                Fetched::NotYet(why) | Fetched::Never(why) => {
                    give_up(app, ctx, &call, &recording, &why).await?;
                    return Ok(Outcome::Done);
                }
            },
        };
        match hear(app, &call, stored, "mp3").await {
            Heard::Words(text) => self.written(app, ctx, call, Some(text)).await,
            Heard::NotNow(why) if !ctx.is_last_attempt() => Ok(Outcome::retry(why)),
            Heard::Nothing | Heard::NoEngine | Heard::NotNow(_) => self.written(app, ctx, call, None).await,
        }
    }

    /// `None` when the caller was forgotten: nothing of theirs is fetched any more.
    async fn load(&self, app: &AppState, ctx: &JobContext) -> Result<Option<(call::Model, recording::Model)>, Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let recording = tx.get::<recording::Entity>(self.recording_id).await?;
        let call = tx.get::<call::Entity>(recording.call_id).await?;
        let forgotten = customers::store::is_forgotten(&tx, call.customer_id).await?;
        Ok((!forgotten).then_some((call, recording)))
    }

    /// Notes the words, or asks a person to listen.
    async fn written(
        &self,
        app: &AppState,
        ctx: &JobContext,
        call: call::Model,
        text: Option<String>,
    ) -> Result<Outcome, Problem> {
        let tx = app.db.write(ctx.scope()).await?;
        let call = actions::by_id(&tx, call.id).await?;
        if let Some(text) = text {
            tx.update_many::<recording::Entity>()?
                .col(recording::Column::Transcript, text)
                .filter(recording::Column::Id.eq(self.recording_id))
                .exec()
                .await?;
        } else {
            ask_to_listen(&tx, &call).await?;
        }
        let next = AfterCall { call_id: call.id };
        tx.enqueue(&next, Enqueue::once(format!("recording:{}", self.recording_id)))
            .await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}

enum Fetched {
    Audio(Bytes),
    NotYet(String),
    Never(String),
}

async fn fetch(app: &App, recording: &recording::Model) -> Fetched {
    let Some(telephony) = &app.telephony else {
        return Fetched::Never("no Twilio account is configured".to_owned());
    };
    let url = recording.source_url.as_deref().unwrap_or_default();
    match tokio::time::timeout(FETCH, telephony.recording(url)).await {
        Ok(Ok(Some(bytes))) if !bytes.is_empty() => Fetched::Audio(bytes),
        Ok(Ok(_)) => Fetched::NotYet("not there yet".to_owned()),
        Ok(Err(fault @ (Fault::Unavailable { .. } | Fault::Unknown(_)))) => Fetched::NotYet(fault.to_string()),
        Ok(Err(fault)) => Fetched::Never(fault.to_string()),
        Err(_) => Fetched::NotYet("it took too long".to_owned()),
    }
}

/// Where a recording of a call is stored.
fn storage_key(call: &call::Model, recording_sid: &str, extension: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                    c
                } else {
                    '-'
                }
            })
            .take(80)
            .collect()
    };
    format!(
        "recordings/{}/{}/{}.{extension}",
        call.business_id,
        clean(&call.call_sid),
        clean(recording_sid)
    )
}

async fn keep(
    app: &App,
    scope: &Scope,
    call: &call::Model,
    recording: &recording::Model,
    bytes: Bytes,
) -> Result<(), Problem> {
    let key = storage_key(call, &recording.recording_sid, "mp3");
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let sha256 = hex::encode(Sha256::digest(&bytes));
    app.storage.put(&key, bytes).await?;
    let tx = app.db.write(scope).await?;
    // The call first, as everywhere, so that nobody waits in a circle.
    actions::by_id(&tx, call.id).await?;
    let mut row = recording.clone().into_active_model();
    row.state = Set(RecordingState::Stored.as_str().to_owned());
    row.storage_key = Set(Some(key));
    row.content_type = Set(Some("audio/mpeg".to_owned()));
    row.size_bytes = Set(Some(size));
    row.sha256 = Set(Some(sha256));
    row.error = Set(None);
    row.stored_at = Set(Some(tx.now()));
    tx.update(row).await?;
    recorded(&tx, call.id).await?;
    tx.commit().await?;
    Ok(())
}

/// The call has something to play.
async fn recorded(tx: &WriteTx, call_id: i64) -> Result<(), Problem> {
    let mut row = actions::by_id(tx, call_id).await?.into_active_model();
    row.has_recording = Set(true);
    row.updated_at = Set(tx.now());
    let call = tx.update(row).await?;
    actions::show(tx, &call).await?;
    tx.emit(actions::event("call:updated", &call)).await?;
    Ok(())
}

async fn give_up(
    app: &App,
    ctx: &JobContext,
    call: &call::Model,
    recording: &recording::Model,
    why: &str,
) -> Result<(), Problem> {
    tracing::warn!(
        call_sid = call.call_sid,
        recording_id = recording.id,
        why,
        "a recording could not be fetched"
    );
    let tx = app.db.write(ctx.scope()).await?;
    let mut row = recording.clone().into_active_model();
    row.state = Set(RecordingState::Failed.as_str().to_owned());
    row.error = Set(Some(why.chars().take(300).collect()));
    tx.update(row).await?;
    ctx.settle(&tx).await?;
    tx.commit().await?;
    Ok(())
}

enum Heard {
    Words(String),
    /// Recognisers answered, and understood nothing.
    Nothing,
    NoEngine,
    NotNow(String),
}

/// Asks the recognisers in their order.
async fn hear(app: &App, call: &call::Model, bytes: Bytes, extension: &'static str) -> Heard {
    if app.engines.stt.is_empty() {
        return Heard::NoEngine;
    }
    let decoded = tokio::task::spawn_blocking(move || sound::decode(bytes, extension)).await;
    let Ok(Ok(audio)) = decoded else {
        return Heard::Nothing;
    };
    let business = BusinessId::new(call.business_id);
    let language = match app.calls.directory.by_id(&app.db, business).await {
        Ok(Some(business)) => business.language.clone(),
        _ => "he-IL".to_owned(),
    };
    let mut last = Heard::NoEngine;
    for engine in &app.engines.stt {
        let utterance = Utterance {
            audio: audio.clone(),
            language: language.clone(),
            hint: None,
        };
        match tokio::time::timeout(HEAR, engine.transcribe(utterance)).await {
            Ok(Ok(Transcript { text, .. })) if text.trim().is_empty() => last = Heard::Nothing,
            Ok(Ok(Transcript { text, .. })) => return Heard::Words(text),
            Ok(Err(fault)) => {
                tracing::warn!(
                    engine = engine.name(),
                    fault = fault.word(),
                    "a message was not recognised"
                );
                last = Heard::NotNow(fault.to_string());
            }
            Err(_) => last = Heard::NotNow(format!("{} took too long", engine.name())),
        }
    }
    last
}

/// Takes over the media socket's finished recording.
pub async fn store_stream(app: &App, scope: &Scope, call_id: i64, file: &Path) -> Result<(), Problem> {
    let tx = app.db.read(scope).await?;
    let call = tx.get::<call::Entity>(call_id).await?;
    let forgotten = customers::store::is_forgotten(&tx, call.customer_id).await?;
    drop(tx);
    if forgotten {
        return tokio::fs::remove_file(file).await.map_err(|err| {
            tracing::warn!(error = %err, "a live recording of somebody forgotten stays in the spool");
            Problem::internal()
        });
    }
    let reader = hound::WavReader::open(file).map_err(|err| {
        tracing::warn!(error = %err, call_sid = call.call_sid, "a live recording can not be read");
        Problem::internal()
    })?;
    let spec = reader.spec();
    let duration_ms = i64::from(reader.duration()) * 1_000 / i64::from(spec.sample_rate.max(1));
    drop(reader);
    let sid = stream_sid(file);
    let key = storage_key(&call, &sid, "wav");
    let size = app.storage.put_file(&key, file).await?;
    let tx = app.db.write(scope).await?;
    let row = recording::ActiveModel {
        call_id: Set(call_id),
        recording_sid: Set(sid),
        source: Set(Source::Stream.as_str().to_owned()),
        state: Set(RecordingState::Stored.as_str().to_owned()),
        storage_key: Set(Some(key)),
        content_type: Set(Some("audio/wav".to_owned())),
        channels: Set(Some(spec.channels.into())),
        duration_ms: Set(Some(duration_ms)),
        size_bytes: Set(i64::try_from(size).ok()),
        created_at: Set(tx.now()),
        stored_at: Set(Some(tx.now())),
        ..Default::default()
    };
    let mut once = OnConflict::columns([
        recording::Column::BusinessId,
        recording::Column::CallId,
        recording::Column::RecordingSid,
    ]);
    once.do_nothing();
    if tx.insert_or(row, once).await?.is_some() {
        recorded(&tx, call_id).await?;
    }
    tx.commit().await?;
    if let Err(err) = tokio::fs::remove_file(file).await {
        tracing::warn!(error = %err, "a stored live recording stays in the spool");
    }
    Ok(())
}

/// The same for the same file, so that one that is taken over twice is kept once.
fn stream_sid(file: &Path) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.split_once('.')
        .map_or_else(|| "stream".to_owned(), |(_, begun)| format!("stream-{begun}"))
}
