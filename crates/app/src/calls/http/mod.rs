//! `/api/crm/calls` and `/api/calls`.

mod read;
mod work;

use kernel::{Permission, Problem, Scope, Visibility};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, AppState,
    accounts::sessions::Caller,
    api::{aliased, guarded},
    calls::{
        directory,
        store::{self, call},
    },
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
        .routes(guarded(Permission::CallsWork, routes!(work::unhandle)))
        .routes(guarded(Permission::CallsWork, routes!(work::link)))
        .routes(guarded(Permission::CallsWork, routes!(work::unlink)))
}

/// The scope and id of the call that a path names, by id or by Twilio's sid; 404 for one that the caller may not see.
pub async fn named(app: &App, caller: &Caller, text: &str) -> Result<(Scope, i64), Problem> {
    let id = match text.parse::<i64>() {
        Ok(id) => id,
        Err(_) if !text.chars().all(|c| c.is_ascii_graphic()) => return Err(Problem::not_found()),
        Err(_) => directory::id_of_sid(&app.db, text)
            .await?
            .ok_or_else(Problem::not_found)?,
    };
    let scope = caller.for_record::<call::Entity>(id).await?;
    if scope.visibility() != Visibility::All {
        let tx = app.db.read(&scope).await?;
        store::get(&tx, id).await?;
    }
    Ok((scope, id))
}

/// The caller's user id, where the record's business is the caller's own (an admin's user is of another one). A
/// program with a key is nobody.
pub fn own_user(scope: &Scope) -> Option<i64> {
    scope.person().map(i64::from)
}
