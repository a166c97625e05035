//! `/api/admin/impersonate`.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Permission, Problem};
use platform::http::{
    ApiError, ApiJson,
    fields::{Faults, Lines},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Wanted;
use crate::{
    AppState,
    accounts::sessions::{
        Caller, caller,
        http::{Me, me_of},
    },
    api::guarded,
};

const LONGEST_REASON: usize = 500;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::Impersonate, routes!(impersonate, end)))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = Impersonate)]
#[serde(deny_unknown_fields)]
struct Body {
    business_id: i64,
    /// Without it, as the business itself.
    #[serde(default)]
    user_id: Option<i64>,
    reason: String,
}

/// Acts as a business, or as a person in it, for 30 minutes. Answers as `GET /api/auth/me` does from now on.
#[utoipa::path(post, path = "/api/admin/impersonate", request_body = Body,
    responses((status = 200, body = Me), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn impersonate(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<Body>,
) -> Result<Json<Me>, ApiError> {
    let scope = caller.own()?;
    let mut faults = Faults::default();
    let reason = faults.text("reason", &body.reason, LONGEST_REASON, Lines::Many);
    faults.done()?;
    let wanted = Wanted {
        business_id: body.business_id,
        user_id: body.user_id,
        reason: reason.ok_or_else(|| Problem::missing("reason"))?,
    };
    super::begin(&app, &scope, caller.identity(), &wanted).await?;
    let acting = caller::of_session(&app, caller.identity().session_id)
        .await?
        .ok_or_else(Problem::unauthorized)?;
    let caller = Caller::new(app.clone(), acting, Permission::OwnSession);
    Ok(Json(me_of(&app, &caller).await?))
}

/// Is oneself again.
#[utoipa::path(delete, path = "/api/admin/impersonate", responses((status = 204), (status = 403)))]
async fn end(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, ApiError> {
    let scope = caller.own()?;
    super::end(&app, &scope, caller.identity()).await?;
    Ok(StatusCode::NO_CONTENT)
}
