//! `/api/auth/totp`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use kernel::{ExposeSecret as _, Permission, Problem, SecretString};
use platform::http::{ApiError, ApiJson};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{self, Proof},
    qr,
    store::{factor, recovery},
};
use crate::{
    AppState,
    accounts::{sessions::Caller, users},
    api::guarded,
};

pub fn routes() -> OpenApiRouter<AppState> {
    let own = Permission::OwnAccount;
    OpenApiRouter::new()
        .routes(guarded(own, routes!(totp_state)))
        .routes(guarded(own, routes!(enroll_totp)))
        .routes(guarded(own, routes!(verify_totp)))
        .routes(guarded(own, routes!(disable_totp)))
}

/// A secret stands in the answer: it is not kept by anybody on the way, nor by us.
pub const UNKEPT: [(HeaderName, HeaderValue); 1] = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Whether a second factor is asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpState)]
struct StateView {
    on: bool,
    /// Recovery codes that were not used.
    recovery_codes_left: u64,
}

/// Whether the own second factor is on.
#[utoipa::path(get, path = "/api/auth/totp", responses((status = 200, body = StateView)))]
async fn totp_state(State(app): State<AppState>, caller: Caller) -> Result<Json<StateView>, ApiError> {
    let tx = app.db.read(&caller.own()?).await?;
    let user = caller.identity().user.get();
    let on = tx
        .find::<factor::Entity>()
        .filter(factor::Column::UserId.eq(user))
        .filter(factor::Column::ConfirmedAt.is_not_null())
        .count()
        .await?;
    let recovery_codes_left = tx
        .find::<recovery::Entity>()
        .filter(recovery::Column::UserId.eq(user))
        .filter(recovery::Column::UsedAt.is_null())
        .count()
        .await?;
    Ok(Json(StateView {
        on: on > 0,
        recovery_codes_left,
    }))
}

/// For an authenticator app; shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = TotpEnrolment)]
struct EnrolmentView {
    /// Base32, to be typed in.
    secret: String,
    otpauth_uri: String,
    /// The same as a QR code.
    qr_svg: String,
}

/// Begins with a fresh secret; the second factor is on after `verify`. 409 `totp_on` when it is on already.
#[utoipa::path(post, path = "/api/auth/totp/enroll",
    responses((status = 200, body = EnrolmentView), (status = 409)))]
async fn enroll_totp(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<([(HeaderName, HeaderValue); 1], Json<EnrolmentView>), ApiError> {
    let tx = app.db.write(&caller.own()?).await?;
    let user = tx.get::<users::store::Entity>(caller.identity().user).await?;
    let begun = actions::enroll(&app, &tx, &user).await?;
    tx.commit().await?;
    let view = EnrolmentView {
        qr_svg: qr::svg(&begun.otpauth_uri).ok_or_else(Problem::internal)?,
        secret: begun.secret,
        otpauth_uri: begun.otpauth_uri,
    };
    Ok((UNKEPT, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// Six digits.
    #[schema(value_type = String)]
    code: SecretString,
}

/// Each lets in once in the place of a code; shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
struct RecoveryView {
    recovery_codes: Vec<String>,
}

/// Turns the second factor on with a first code of the app. 422 with `wrong_code`; 409 `totp_not_enrolled` without a
/// secret, `totp_on` when it is on already.
#[utoipa::path(post, path = "/api/auth/totp/verify", request_body = Code,
    responses((status = 200, body = RecoveryView), (status = 409), (status = 422)))]
async fn verify_totp(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(given): ApiJson<Code>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<RecoveryView>), ApiError> {
    let scope = caller.own()?;
    let user = caller.identity().user;
    app.limits.guess_as(user)?;
    if given.code.expose_secret().trim().is_empty() {
        return Err(Problem::missing("code").into());
    }
    let tx = app.db.write(&scope).await?;
    let recovery_codes = actions::confirm(&app, &tx, user.get(), given.code.expose_secret()).await?;
    tx.commit().await?;
    Ok((UNKEPT, Json(RecoveryView { recovery_codes })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Off {
    /// A code of the app, or a recovery code.
    #[schema(value_type = Option<String>)]
    code: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
}

/// Turns the second factor off: with a code, or with the password. 422 `wrong_code` or `wrong`; 409 `totp_off`.
#[utoipa::path(post, path = "/api/auth/totp/disable", request_body = Off,
    responses((status = 204), (status = 409), (status = 422)))]
async fn disable_totp(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(off): ApiJson<Off>,
) -> Result<StatusCode, ApiError> {
    let scope = caller.own()?;
    app.limits.guess_as(caller.identity().user)?;
    let proof = match (off.code, off.password) {
        (Some(code), _) => Proof::Code(code),
        (None, Some(password)) => Proof::Password(password),
        (None, None) => return Err(Problem::missing("code").into()),
    };
    let tx = app.db.read(&scope).await?;
    let user = tx.get::<users::store::Entity>(caller.identity().user).await?;
    drop(tx);
    actions::disable(&app, &user, proof).await?;
    Ok(StatusCode::NO_CONTENT)
}
