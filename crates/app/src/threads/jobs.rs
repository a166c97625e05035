//! What is done about messages in the background: sending what is queued, looking for what may have gone, fetching
//! files.

use std::time::Duration;

use bytes::Bytes;
use contracts::{
    Fault,
    stt::Utterance,
    whatsapp::{Carrier, MediaSource},
};
use kernel::{Module, Problem};
use platform::jobs::{Job, JobContext, Outcome, Pause, Registry};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    carriers,
    dispatch::{self, Sighted},
    files::{self, known_type},
    model::Status,
    show,
    store::{file, message},
};
use crate::{AppState, accounts::businesses, calls::sound, crm::search::tokens};

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<Deliver>()
        .with::<Reconcile>()
        .with::<FetchFile>()
        .every(super::sweep::EVERY, super::sweep::SweepUploads {})
}

/// What is not there any more needs no work.
fn unless_gone(problem: &Problem) -> Outcome {
    if problem.status == 404 {
        return Outcome::Done;
    }
    Outcome::of_problem(problem)
}

/// Sends a message that is queued, unless somebody has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deliver {
    pub message_id: i64,
}

/// How long a message that somebody else is sending is left to them.
const LEFT_ALONE: Duration = Duration::from_secs(30);

impl Job<AppState> for Deliver {
    const KIND: &'static str = "messages.deliver";
    const MAX_ATTEMPTS: u32 = 40;
    const CONCURRENCY: usize = 16;
    const TIME_LIMIT: Duration = Duration::from_secs(300);
    const PAUSE: Pause = Pause::ModuleOff(Module::Whatsapp);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        self.work(&app, &ctx)
            .await
            .unwrap_or_else(|problem| unless_gone(&problem))
    }
}

impl Deliver {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let message = Box::pin(dispatch::run(app, ctx.scope(), self.message_id)).await?;
        if message.status != Status::Sending.as_str() || message.attempt.is_none() {
            return Ok(Outcome::Done);
        }
        if dispatch::is_cut_off(&message, app.clock.now()) {
            dispatch::give_up_attempt(app, ctx.scope(), message.id).await?;
            return Ok(Outcome::Done);
        }
        Ok(Outcome::Retry {
            after: Some(LEFT_ALONE),
            why: "somebody else is sending it".to_owned(),
        })
    }
}

/// Looks at the carrier for a message that may have gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reconcile {
    pub message_id: i64,
}

/// The pause after the first look in vain; it doubles.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Job<AppState> for Reconcile {
    const KIND: &'static str = "messages.reconcile";
    /// About two hours; then a status may still come, or a person decides.
    const MAX_ATTEMPTS: u32 = 8;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(120);
    const PAUSE: Pause = Pause::BusinessClosed;

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match dispatch::seek(&app, ctx.scope(), self.message_id).await {
            Ok(Sighted::Known | Sighted::Resent) => Outcome::Done,
            Ok(Sighted::NotYet) if ctx.is_last_attempt() => Outcome::Done,
            Ok(Sighted::NotYet) => Outcome::Retry {
                after: Some(LOOK_AGAIN * 2_u32.saturating_pow(ctx.attempt().saturating_sub(1).min(8))),
                why: "it is not known yet what became of it".to_owned(),
            },
            Err(problem) => unless_gone(&problem),
        }
    }
}

/// Fetches a file that a message brought, keeps it, and puts a voice note into words.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchFile {
    pub file_id: i64,
}

/// A recogniser may take this long.
const HEAR: Duration = Duration::from_secs(60);
/// A carrier may take this long.
const FETCH: Duration = Duration::from_secs(60);

impl Job<AppState> for FetchFile {
    const KIND: &'static str = "messages.fetch_file";
    const MAX_ATTEMPTS: u32 = 8;
    const CONCURRENCY: usize = 4;
    const TIME_LIMIT: Duration = Duration::from_secs(240);

    async fn run(self, app: AppState, ctx: JobContext) -> Outcome {
        match self.work(&app, &ctx).await {
            Ok(outcome) => outcome,
            Err(problem) => unless_gone(&problem),
        }
    }
}

impl FetchFile {
    async fn work(&self, app: &AppState, ctx: &JobContext) -> Result<Outcome, Problem> {
        let tx = app.db.read(ctx.scope()).await?;
        let file = tx.get::<file::Entity>(self.file_id).await?;
        let message = tx.get::<message::Entity>(file.message_id).await?;
        let account = carriers::account(&tx).await?;
        drop(tx);
        let bytes = if let Some(key) = &file.storage_key {
            app.storage.get(key).await?
        } else {
            let source = file
                .source
                .clone()
                .and_then(|source| serde_json::from_value(source).ok());
            let carrier = message.carrier.as_deref().and_then(|word| word.parse::<Carrier>().ok());
            let api = carrier.and_then(|carrier| app.whatsapp.open(carrier, &account));
            let (Some(source), Some(api)) = (source, api) else {
                return self.failed(app, ctx, "its carrier is off").await;
            };
            match fetch(&*api, &source).await {
                Ok(media) => {
                    self.keep(app, ctx, &message, media.bytes, media.mime_type.or(source.mime_type))
                        .await?
                }
                Err(Missed::Later(why)) if !ctx.is_last_attempt() => return Ok(Outcome::retry(why)),
                Err(Missed::Later(why) | Missed::Never(why)) => return self.failed(app, ctx, &why).await,
            }
        };
        if message.kind == "voice" {
            return self.hear(app, ctx, &message, bytes).await;
        }
        Ok(Outcome::Done)
    }

    async fn keep(
        &self,
        app: &AppState,
        ctx: &JobContext,
        message: &message::Model,
        bytes: Bytes,
        said: Option<String>,
    ) -> Result<Bytes, Problem> {
        let (mime, ending) = known_type(said.as_deref());
        let key = format!(
            "messages/{}/{}/{}.{ending}",
            message.business_id, message.id, self.file_id
        );
        app.storage.put(&key, bytes.clone()).await?;
        let tx = app.db.write(ctx.scope()).await?;
        let mut row = tx.get::<file::Entity>(self.file_id).await?.into_active_model();
        row.state = Set("stored".to_owned());
        row.storage_key = Set(Some(key));
        row.mime_type = Set(Some(mime.to_owned()));
        row.size_bytes = Set(i64::try_from(bytes.len()).ok());
        row.sha256 = Set(Some(hex::encode(Sha256::digest(&bytes))));
        row.error = Set(None);
        row.stored_at = Set(Some(tx.now()));
        tx.update(row).await?;
        show::changed_message(&tx, message).await?;
        tx.commit().await?;
        Ok(bytes)
    }

    async fn failed(&self, app: &AppState, ctx: &JobContext, why: &str) -> Result<Outcome, Problem> {
        tracing::warn!(file_id = self.file_id, why, "a file of a message could not be fetched");
        let tx = app.db.write(ctx.scope()).await?;
        let mut row = tx.get::<file::Entity>(self.file_id).await?.into_active_model();
        row.state = Set("failed".to_owned());
        row.error = Set(Some(why.chars().take(300).collect()));
        let file = tx.update(row).await?;
        let message = tx.get::<message::Entity>(file.message_id).await?;
        show::changed_message(&tx, &message).await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }

    /// Without an engine, or for what none understands, the note is only played.
    async fn hear(
        &self,
        app: &AppState,
        ctx: &JobContext,
        message: &message::Model,
        bytes: Bytes,
    ) -> Result<Outcome, Problem> {
        let words = match transcribe(app, ctx, bytes).await? {
            Ok(words) => words,
            Err(why) if !ctx.is_last_attempt() => return Ok(Outcome::retry(why)),
            Err(_) => None,
        };
        let Some(words) = words else {
            return Ok(Outcome::Done);
        };
        let tx = app.db.write(ctx.scope()).await?;
        let mut row = tx.get::<file::Entity>(self.file_id).await?.into_active_model();
        row.transcript = Set(Some(words.clone()));
        tx.update(row).await?;
        let texts = [message.text.as_deref(), Some(words.as_str())];
        tokens::index(&tx, tokens::Kind::Message, message.id, &texts).await?;
        show::changed_message(&tx, message).await?;
        ctx.settle(&tx).await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}

/// Why a file did not come.
enum Missed {
    /// It may another time.
    Later(String),
    Never(String),
}

async fn fetch(
    api: &dyn contracts::whatsapp::WhatsApp,
    source: &MediaSource,
) -> Result<contracts::whatsapp::Media, Missed> {
    match tokio::time::timeout(FETCH, api.media(source, files::MOST_BYTES)).await {
        Ok(Ok(media)) => Ok(media),
        Ok(Err(fault @ (Fault::Declined(_) | Fault::Rejected(_)))) => Err(Missed::Never(fault.to_string())),
        Ok(Err(fault)) => Err(Missed::Later(fault.to_string())),
        Err(_) => Err(Missed::Later("it took too long".to_owned())),
    }
}

/// `Err` for what may work another time.
async fn transcribe(app: &AppState, ctx: &JobContext, bytes: Bytes) -> Result<Result<Option<String>, String>, Problem> {
    if app.engines.stt.is_empty() {
        return Ok(Ok(None));
    }
    let decoded = tokio::task::spawn_blocking(move || sound::decode(bytes, "ogg")).await;
    let Ok(Ok(audio)) = decoded else {
        return Ok(Ok(None));
    };
    let tx = app.db.read(ctx.scope()).await?;
    let business = tx.get::<businesses::store::Entity>(ctx.scope().business()?).await?;
    drop(tx);
    let mut last = Ok(None);
    for engine in &app.engines.stt {
        let utterance = Utterance {
            audio: audio.clone(),
            language: business.language.clone(),
            hint: None,
        };
        match tokio::time::timeout(HEAR, engine.transcribe(utterance)).await {
            Ok(Ok(heard)) if !heard.text.trim().is_empty() => return Ok(Ok(Some(heard.text))),
            Ok(Err(fault @ (Fault::Unavailable { .. } | Fault::Unknown(_)))) => last = Err(fault.to_string()),
            Ok(_) => last = Ok(None),
            Err(_) => last = Err(format!("{} took too long", engine.name())),
        }
    }
    Ok(last)
}
