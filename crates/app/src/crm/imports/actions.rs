//! Starting an import, and asking for it to be undone.

use bytes::Bytes;
use chrono::TimeDelta;
use kernel::Problem;
use platform::{
    db::{AuditEntry, WriteTx},
    jobs::Enqueue,
};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::{
    file::File,
    jobs::RunImport,
    mapping::Mapping,
    model::Status,
    store::{ActiveModel, Entity, Model},
    undo::{self, UndoImport},
};
use crate::{
    App,
    crm::customers::{model::Status as CustomerStatus, statuses},
};

/// How long what an undo needs is kept.
pub const UNDONE_WITHIN: TimeDelta = TimeDelta::days(30);
const LONGEST_NAME_CHARS: usize = 200;

/// A file, checked as a whole, and what is to be done with it.
pub struct Wanted {
    pub file_name: String,
    pub file: File,
    pub bytes: Bytes,
    pub mapping: Mapping,
    /// The status of new customers whose row says none.
    pub new_status: Option<CustomerStatus>,
    pub rows: u64,
    pub overwrite: bool,
    pub dry_run: bool,
}

/// Keeps the file and queues its rows.
pub async fn start(app: &App, scope: &kernel::Scope, wanted: Wanted) -> Result<Model, Problem> {
    let key = format!("imports/{}/{}", scope.business()?, uuid::Uuid::new_v4().simple());
    let tx = app.db.read(scope).await?;
    statuses::check(&tx, None, wanted.new_status.as_ref()).await?;
    tx.done().await?;
    app.storage.put(&key, wanted.bytes).await?;
    let tx = app.db.write(scope).await?;
    let row = ActiveModel {
        status: Set(Status::Queued.as_str().to_owned()),
        kind: Set(wanted.file.kind().as_str().to_owned()),
        file_name: Set(shown_name(&wanted.file_name)),
        storage_key: Set(Some(key)),
        mapping: Set(wanted.mapping.to_json()),
        columns: Set(Some(json!(wanted.file.columns()))),
        new_status: Set(wanted.new_status.map(|status| status.as_str().to_owned())),
        overwrite: Set(wanted.overwrite),
        dry_run: Set(wanted.dry_run),
        rows: Set(i64::try_from(wanted.rows).unwrap_or(i64::MAX)),
        done: Set(0),
        created: Set(0),
        updated: Set(0),
        skipped: Set(0),
        error_count: Set(0),
        undone: Set(0),
        kept: Set(0),
        created_by_id: Set(scope.actor().user_id().map(kernel::UserId::get)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let import = tx.insert(row).await?;
    tx.enqueue(&RunImport { import_id: import.id }, Enqueue::default())
        .await?;
    tx.audit(AuditEntry {
        action: "customers.imported",
        record_type: "import",
        record_id: Some(import.id),
        changes: json!({
            "kind": import.kind, "rows": import.rows, "dry_run": import.dry_run, "overwrite": import.overwrite,
        }),
    })
    .await?;
    tx.commit().await?;
    Ok(import)
}

/// A file's name without its folders, for a list.
fn shown_name(name: &str) -> String {
    let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bare: String = bare
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME_CHARS)
        .collect();
    if bare.trim().is_empty() {
        "import".to_owned()
    } else {
        bare
    }
}

/// Queues the undoing of an import.
///
/// 409 `import_running` before its end, `already_undone`, `nothing_to_undo` after a dry run, `too_late` after 30 days,
/// and `import_in_use` with `depends` when something was done with its customers since.
pub async fn undo(tx: &WriteTx, id: i64) -> Result<Model, Problem> {
    let found = tx.find::<Entity>().by_id(id).lock().one().await?;
    let import = found.ok_or_else(Problem::not_found)?;
    match Status::parse(&import.status) {
        Status::Undoing | Status::Undone => return Err(Problem::conflict("already_undone", "it is undone already")),
        status if !status.can_be_undone() => {
            return Err(Problem::conflict(
                "import_running",
                "the import has not come to its end",
            ));
        }
        _ if import.dry_run => return Err(Problem::conflict("nothing_to_undo", "a dry run wrote nothing")),
        _ if import.finished_at.is_some_and(|at| at + UNDONE_WITHIN < tx.now()) => {
            return Err(Problem::conflict("too_late", "an import can be undone for 30 days"));
        }
        _ => {}
    }
    undo::refuse_used(tx, id).await?;
    let import = tx
        .update(ActiveModel {
            id: Set(id),
            status: Set(Status::Undoing.as_str().to_owned()),
            ..Default::default()
        })
        .await?;
    tx.enqueue(&UndoImport { import_id: id }, Enqueue::default()).await?;
    tx.audit(AuditEntry {
        action: "customers.import_undone",
        record_type: "import",
        record_id: Some(id),
        changes: json!({ "created": import.created, "updated": import.updated }),
    })
    .await?;
    Ok(import)
}
