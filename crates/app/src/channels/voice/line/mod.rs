//! People act on the line itself: placing calls, trying the agent, and taking over, whispering into and ending calls
//! that run.

mod place;
mod running;

use std::sync::Arc;

use axum::{Json, http::StatusCode};
use kernel::{BusinessId, Permission, Problem, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, AppState, accounts::users, api::guarded, calls::directory::VoiceBusiness};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CallsWork, routes!(place::place_call)))
        .routes(guarded(Permission::CallsWork, routes!(place::test_call)))
        .routes(guarded(Permission::CallsWork, routes!(running::transfer)))
        .routes(guarded(Permission::CallsWork, routes!(running::hang_up)))
        .routes(guarded(Permission::CallsWork, routes!(running::whisper)))
}

/// Accepted; it happens in the background.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedOnLine)]
struct Accepted {
    /// The call's id.
    id: i64,
    status: &'static str,
}

fn accepted(id: i64, status: &'static str) -> (StatusCode, Json<Accepted>) {
    (StatusCode::ACCEPTED, Json(Accepted { id, status }))
}

async fn business(app: &App, id: BusinessId) -> Result<Arc<VoiceBusiness>, Problem> {
    app.calls
        .directory
        .by_id(&app.db, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// 501 with what is missing unless calls can be placed.
fn placeable(app: &App) -> Result<(), Problem> {
    let mut missing = Vec::new();
    if app.telephony.is_none() {
        missing.extend(["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]);
    }
    if app.voice.origin.is_none() {
        missing.push("PUBLIC_BASE_URL");
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Problem::not_configured(&missing))
    }
}

/// A person's phone, or 422 `user_phone_missing`.
async fn phone_of(app: &App, scope: &Scope, user: i64) -> Result<String, Problem> {
    let tx = app.db.read(scope).await?;
    let user = tx
        .find::<users::store::Entity>()
        .by_id(user)
        .one()
        .await?
        .filter(|user| user.active)
        .ok_or_else(|| Problem::invalid("user_id", "unknown_user", "is not a user of this business"))?;
    user.phone.ok_or_else(|| {
        Problem::new(
            422,
            "user_phone_missing",
            "this person has no phone number in the settings",
        )
    })
}
