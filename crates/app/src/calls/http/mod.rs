//! `/api/crm/calls` and `/api/calls`.

mod line;
mod read;
mod work;

use kernel::{Permission, Problem};
use platform::db::{AuditEntry, WriteTx};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, AppState,
    accounts::sessions::Caller,
    api::{aliased, guarded},
    calls::{directory, store::call},
};

pub fn routes() -> OpenApiRouter<AppState> {
    let list = || guarded(Permission::CallsRead, routes!(read::list_calls));
    let one = || guarded(Permission::CallsRead, routes!(read::get_call));
    OpenApiRouter::new()
        .routes(list())
        .routes(aliased("/api/crm/calls", "/api/calls", list()))
        .routes(one())
        .routes(aliased("/api/crm/calls/{id}", "/api/calls/{id}", one()))
        .routes(guarded(Permission::CallsRead, routes!(read::waiting)))
        .routes(guarded(Permission::CallsRead, routes!(read::transcript)))
        .routes(guarded(Permission::CallsRead, routes!(read::recording)))
        .routes(guarded(Permission::CallsWork, routes!(work::claim)))
        .routes(guarded(Permission::CallsWork, routes!(work::handle)))
        .routes(guarded(Permission::CallsWork, routes!(work::link)))
        .routes(guarded(Permission::CallsWork, routes!(work::unlink)))
        .routes(guarded(Permission::CallsWork, routes!(line::place_call)))
        .routes(guarded(Permission::CallsWork, routes!(line::test_call)))
        .routes(guarded(Permission::CallsWork, routes!(line::transfer)))
        .routes(guarded(Permission::CallsWork, routes!(line::hang_up)))
        .routes(guarded(Permission::CallsWork, routes!(line::whisper)))
}

/// The scope and id of the call that a path names, by id or by Twilio's sid.
async fn named(app: &App, caller: &Caller, text: &str) -> Result<(kernel::Scope, i64), Problem> {
    let id = match text.parse::<i64>() {
        Ok(id) => id,
        Err(_) => directory::id_of_sid(&app.db, text)
            .await?
            .ok_or_else(Problem::not_found)?,
    };
    Ok((caller.for_record::<call::Entity>(id).await?, id))
}

/// The caller's user id, where the record's business is the caller's own (an admin's user is of another one).
fn own_user(caller: &Caller, scope: &kernel::Scope) -> Result<Option<i64>, Problem> {
    let identity = caller.identity();
    Ok((scope.business()? == identity.business).then(|| identity.user.get()))
}

async fn audit(tx: &WriteTx, action: &'static str, call_id: i64, changes: Value) -> Result<(), Problem> {
    let entry = AuditEntry {
        action,
        record_type: "call",
        record_id: Some(call_id),
        changes,
    };
    Ok(tx.audit(entry).await?)
}
