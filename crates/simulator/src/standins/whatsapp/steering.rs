//! What is asked of every carrier's stand-in from outside: what it took, and how it is to behave next.

use axum::{
    Json, Router,
    extract::{Path, State as Extract},
    http::StatusCode,
    routing::{get, put},
};

use super::{Loss, Memory, NewTrouble, Plan};
use crate::standins::{Shared, State};

/// `sent`, `troubles`, `plan` and `files/{file}` below `/_whatsapp/{carrier}`, whose memory `of` finds.
pub(in crate::standins) fn steering(carrier: &str, of: fn(&State) -> &Memory) -> Router<Shared> {
    let at = |rest: &str| format!("/_whatsapp/{carrier}/{rest}");
    let sent = move |Extract(state): Extract<Shared>| async move { Json(of(&state).sent()) };
    let troubles = move |Extract(state): Extract<Shared>, Json(new): Json<NewTrouble>| async move {
        of(&state).troubles.put(&new);
        StatusCode::NO_CONTENT
    };
    let plan = move |Extract(state): Extract<Shared>, Json(plan): Json<Plan>| async move {
        of(&state).set_plan(plan);
        StatusCode::NO_CONTENT
    };
    let lose = move |Extract(state): Extract<Shared>, Path(file): Path<String>, Json(loss): Json<Loss>| async move {
        if of(&state).lose(&file, loss) {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::NOT_FOUND
        }
    };
    Router::new()
        .route(&at("sent"), get(sent))
        .route(&at("troubles"), put(troubles))
        .route(&at("plan"), put(plan))
        .route(&at("files/{file}"), put(lose))
}
