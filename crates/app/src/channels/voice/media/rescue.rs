//! Live recordings that a process left behind: their headers are put right, and they are taken over.

use std::{path::Path, time::Duration};

use kernel::{BusinessId, CallId, Problem};
use platform::db::DbError;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::LIVE_RECORDINGS;
use crate::{
    App, AppState,
    calls::{jobs::store_stream, store::call},
    channels::voice::door,
};

/// What stands before the sound.
const HEADER_BYTES: u32 = 44;
/// How often recordings that were left behind are looked for.
const RESCUE_EVERY: Duration = Duration::from_secs(30);

/// Takes over recordings that a process which went away left in the spool, until this process ends. Such a process may
/// have been this one's neighbour; a recording that the database did not take is tried again here, too.
pub async fn rescue_forever(app: AppState) {
    let dir = app.settings.data_dir.join(LIVE_RECORDINGS);
    loop {
        rescue_all(&app, &dir).await;
        tokio::time::sleep(RESCUE_EVERY).await;
    }
}

/// Takes over `{call_sid}….wav` in `dir`. Their headers are put right first.
async fn rescue_all(app: &App, dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.extension().is_none_or(|end| end != "wav") {
            continue;
        }
        match rescue(app, &path).await {
            Ok(true) => tracing::info!(file = %path.display(), "a live recording was rescued"),
            Ok(false) => {}
            Err(problem) => tracing::warn!(%problem, file = %path.display(), "a live recording was not rescued"),
        }
    }
}

/// False when the recording is still being written.
async fn rescue(app: &App, path: &Path) -> Result<bool, Problem> {
    let call_sid = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .map(|stem| stem.split('.').next().unwrap_or(stem))
        .ok_or_else(Problem::not_found)?;
    let tx = app.db.system_read("whose a live recording is").await?;
    let call = call::Entity::find()
        .filter(call::Column::CallSid.eq(call_sid))
        .one(tx.conn())
        .await
        .map_err(DbError::from)?
        .ok_or_else(Problem::not_found)?;
    drop(tx);
    let Some(_ours) = abandoned(path) else {
        return Ok(false);
    };
    repair(path).map_err(|err| {
        tracing::warn!(error = %err, "the header of a live recording");
        Problem::internal()
    })?;
    let scope = door::rescue_scope(BusinessId::new(call.business_id), CallId::new(call.id));
    if is_empty(path) {
        if let Err(err) = tokio::fs::remove_file(path).await {
            tracing::warn!(error = %err, "an empty live recording stays in the spool");
        }
        return Ok(true);
    }
    store_stream(app, &scope, call.id, path).await?;
    Ok(true)
}

/// Killed before the first second was written.
fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() <= HEADER_BYTES.into())
}

/// The file, if the process that wrote it has let go of it; nobody else takes it meanwhile.
fn abandoned(path: &Path) -> Option<std::fs::File> {
    let file = std::fs::File::open(path).ok()?;
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => None,
        // Where there are no locks, there is one process.
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => Some(file),
    }
}

/// Writes the true lengths into a WAV header whose writer was killed.
fn repair(path: &Path) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom, Write};
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    let length = u32::try_from(file.metadata()?.len()).unwrap_or(u32::MAX);
    let mut head = [0_u8; 44];
    file.read_exact(&mut head)?;
    if head.get(..4) != Some(b"RIFF") || head.get(36..40) != Some(b"data") {
        return Ok(()); // another layout: its reader will say what it thinks of it
    }
    // Whole stereo frames only.
    let data = length.saturating_sub(HEADER_BYTES) & !3;
    file.seek(SeekFrom::Start(4))?;
    file.write_all(&(HEADER_BYTES - 8 + data).to_le_bytes())?;
    file.seek(SeekFrom::Start(40))?;
    file.write_all(&data.to_le_bytes())?;
    file.set_len(u64::from(HEADER_BYTES + data))?;
    file.sync_all()
}
