//! `/api/setup`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use axum_extra::extract::CookieJar;
use kernel::{Problem, SecretString};
use platform::http::{ApiError, ApiJson, list::from_query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::FirstOwner;
use crate::{
    AppState,
    accounts::sessions::{
        actions::Origin,
        http::{Me, granted_answer},
    },
    api::public,
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(public("one-time address", routes!(is_open, make_owner)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Door {
    token: Option<String>,
}

/// Whether this one-time address still opens the setup.
#[utoipa::path(get, path = "/api/setup", params(Door), responses((status = 200), (status = 404)))]
async fn is_open(State(app): State<AppState>, uri: Uri) -> Result<Json<serde_json::Value>, ApiError> {
    let door: Door = from_query(uri.query().unwrap_or_default())?;
    if app.setup.fits(door.token.as_deref().unwrap_or_default()) {
        Ok(Json(serde_json::json!({})))
    } else {
        Err(Problem::not_found().into())
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    token: String,
    name: String,
    email: String,
    #[schema(value_type = String)]
    password: SecretString,
    business_name: Option<String>,
}

/// Makes the first owner and signs them in. Gone (404) once there is a user.
#[utoipa::path(post, path = "/api/setup", request_body = OwnerBody,
    responses((status = 201, body = Me), (status = 404), (status = 422)))]
async fn make_owner(
    State(app): State<AppState>,
    origin: Origin,
    jar: CookieJar,
    ApiJson(body): ApiJson<OwnerBody>,
) -> Result<(StatusCode, CookieJar, Json<Me>), ApiError> {
    let owner = FirstOwner {
        name: body.name,
        email: body.email,
        password: body.password,
        business_name: body.business_name,
    };
    let granted = super::first_owner(&app, &body.token, owner, origin).await?;
    let (jar, me) = granted_answer(&app, jar, &granted);
    Ok((StatusCode::CREATED, jar, me))
}
