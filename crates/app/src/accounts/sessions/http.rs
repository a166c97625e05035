//! `/api/auth/*`, with `/auth/*` as alias.

use std::convert::Infallible;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use kernel::{ExposeSecret as _, Permission, Problem, SecretString};
use platform::http::{ApiError, ApiJson, client_address::ClientAddress};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Caller,
    actions::{self, Granted, Origin},
    caller::{self, ACCESS_COOKIE},
    known, tokens,
};
use crate::{
    AppState,
    accounts::{businesses, users},
    api::{aliased, guarded, public},
};

const REFRESH_COOKIE: &str = "refresh_token";
const REFRESH_PATH: &str = "/api/auth";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(public("password", routes!(login)))
        .routes(aliased(
            "/api/auth/login",
            "/auth/login",
            public("password", routes!(login)),
        ))
        .routes(public("password", routes!(token)))
        .routes(aliased(
            "/api/auth/token",
            "/auth/token",
            public("password", routes!(token)),
        ))
        .routes(public("refresh token", routes!(refresh)))
        .routes(aliased(
            "/api/auth/refresh",
            "/auth/refresh",
            public("refresh token", routes!(refresh)),
        ))
        .routes(public("refresh token", routes!(logout)))
        .routes(aliased(
            "/api/auth/logout",
            "/auth/logout",
            public("refresh token", routes!(logout)),
        ))
        .routes(guarded(Permission::OwnSession, routes!(me)))
        .routes(aliased(
            "/api/auth/me",
            "/auth/me",
            guarded(Permission::OwnSession, routes!(me)),
        ))
        .routes(guarded(Permission::OwnAccount, routes!(update_me)))
        .routes(guarded(Permission::OwnAccount, routes!(change_password)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    #[schema(value_type = String)]
    password: SecretString,
    /// The code of the second factor, or a recovery code; asked for by 401 `totp_required`.
    #[schema(value_type = Option<String>)]
    totp: Option<SecretString>,
}

/// The person who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Me {
    user: users::http::UserView,
    business: businesses::http::BusinessSummary,
    /// What this person may do, by name.
    permissions: Vec<&'static str>,
    /// `{"crm": {"licensed": true, "on": true}, …}`
    #[schema(value_type = std::collections::BTreeMap<String, businesses::http::ModuleState>)]
    modules: Value,
    /// Null unless an admin acts as somebody.
    impersonation: Option<ImpersonationView>,
    /// An admin acted as somebody until that ended by itself: whatever they change is answered 409
    /// `impersonation_ended` until `DELETE /api/admin/impersonate`.
    impersonation_ended: bool,
}

/// An admin acts as a business, or as a person in it.
#[derive(Serialize, ToSchema)]
#[schema(as = Impersonation)]
struct ImpersonationView {
    business_id: i64,
    /// Null for the business itself.
    user_id: Option<i64>,
    /// The admin's id.
    by: i64,
    reason: String,
    expires_at: DateTime<Utc>,
}

/// Tokens for an API client.
#[derive(Serialize, ToSchema)]
struct TokenPair {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    refresh_token: String,
}

fn present(granted: &Granted) -> Me {
    let role = kernel::Role::parse(&granted.user.role).unwrap_or(kernel::Role::Agent);
    Me {
        user: users::http::UserView::from(&granted.user),
        business: businesses::http::BusinessSummary::from(&granted.business),
        permissions: role.permissions().iter().map(kernel::Permission::as_str).collect(),
        modules: granted.business.modules.clone(),
        impersonation: None,
        impersonation_ended: false,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            ip: parts
                .extensions
                .get::<ClientAddress>()
                .map(|ClientAddress(address)| address.to_string()),
            user_agent: parts
                .headers
                .get(http::header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        })
    }
}

fn cookies(app: &AppState, jar: CookieJar, granted: &Granted) -> CookieJar {
    let bake = |name: &'static str, value: &str, path: &'static str, seconds: i64| {
        Cookie::build((name, value.to_owned()))
            .path(path)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(app.settings.production)
            .max_age(time::Duration::seconds(seconds))
            .build()
    };
    let marks = known::marks(&jar);
    let marks = known::with_mark_of(&app.seals.devices, &marks, &granted.user.email);
    jar.add(bake(known::COOKIE, &marks, REFRESH_PATH, known::LASTS.num_seconds()))
        .add(bake(ACCESS_COOKIE, &granted.access, "/", tokens::ACCESS_SECONDS))
        .add(bake(
            REFRESH_COOKIE,
            &granted.refresh,
            REFRESH_PATH,
            tokens::REFRESH.num_seconds(),
        ))
}

/// The answer to somebody who is now signed in: the cookies, and who they are.
pub fn granted_answer(app: &AppState, jar: CookieJar, granted: &Granted) -> (CookieJar, Json<Me>) {
    (cookies(app, jar, granted), Json(present(granted)))
}

/// Signs a browser in: sets the cookies `access_token` and `refresh_token`. 401 `totp_required` when password and
/// e-mail are right and a second factor is on; a wrong code is 401 `unauthorized`, as a wrong password is.
#[utoipa::path(post, path = "/api/auth/login", request_body = Credentials,
    responses((status = 200, body = Me), (status = 401)))]
async fn login(
    State(app): State<AppState>,
    origin: Origin,
    jar: CookieJar,
    ApiJson(given): ApiJson<Credentials>,
) -> Result<(CookieJar, Json<Me>), ApiError> {
    let granted = sign_in(&app, given, origin, &jar).await?;
    Ok(granted_answer(&app, jar, &granted))
}

async fn sign_in(app: &AppState, given: Credentials, origin: Origin, jar: &CookieJar) -> Result<Granted, Problem> {
    if given.email.trim().is_empty() {
        return Err(Problem::missing("email"));
    }
    if given.password.expose_secret().is_empty() {
        return Err(Problem::missing("password"));
    }
    known::may_try(app, &given.email, &known::marks(jar), origin.ip.as_deref()).await?;
    actions::sign_in(app, &given.email, given.password, given.totp, origin).await
}

fn pair(granted: Granted) -> TokenPair {
    TokenPair {
        access_token: granted.access,
        token_type: "Bearer",
        expires_in: tokens::ACCESS_SECONDS,
        refresh_token: granted.refresh,
    }
}

/// Signs an API client in; 401 as for `login`.
#[utoipa::path(post, path = "/api/auth/token", request_body = Credentials,
    responses((status = 200, body = TokenPair), (status = 401)))]
async fn token(
    State(app): State<AppState>,
    origin: Origin,
    jar: CookieJar,
    ApiJson(given): ApiJson<Credentials>,
) -> Result<Json<TokenPair>, ApiError> {
    Ok(Json(pair(sign_in(&app, given, origin, &jar).await?)))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    refresh_token: Option<String>,
}

/// The refresh token of the body, else of the cookie.
fn refresh_token_of(jar: &CookieJar, body: &[u8]) -> Result<(Option<String>, bool), Problem> {
    if body.iter().any(|byte| !byte.is_ascii_whitespace()) {
        let body: RefreshBody = platform::http::json::parse(body)?;
        if let Some(token) = body.refresh_token {
            return Ok((Some(token), true));
        }
    }
    let cookie = jar.get(REFRESH_COOKIE).map(|cookie| cookie.value().to_owned());
    Ok((cookie, false))
}

/// Rotates the refresh token: by cookie for a browser, by body for an API client.
#[utoipa::path(post, path = "/api/auth/refresh", request_body(content = RefreshBody),
    responses((status = 200), (status = 401)))]
async fn refresh(
    State(app): State<AppState>,
    jar: CookieJar,
    body: axum::body::Bytes,
) -> Result<axum::response::Response, ApiError> {
    use axum::response::IntoResponse;
    let (token, from_body) = refresh_token_of(&jar, &body)?;
    let token = token.ok_or_else(Problem::unauthorized)?;
    let granted = actions::refresh(&app, &token).await?;
    if from_body {
        return Ok(Json(pair(granted)).into_response());
    }
    // A session that acts as somebody else goes on doing so.
    let identity = caller::identify(&app, &granted.access).await?;
    let identity = identity.ok_or_else(Problem::unauthorized)?;
    let me = me_of(&app, &Caller::new(app.clone(), identity, Permission::OwnSession)).await?;
    Ok((cookies(&app, jar, &granted), Json(me)).into_response())
}

/// Ends the session.
#[utoipa::path(post, path = "/api/auth/logout", request_body(content = RefreshBody),
    responses((status = 204)))]
async fn logout(
    State(app): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
    body: axum::body::Bytes,
) -> Result<(CookieJar, StatusCode), ApiError> {
    if let (Some(token), _) = refresh_token_of(&jar, &body)? {
        actions::sign_out_by_refresh(&app, &token).await?;
    } else if let Ok(caller) = caller::authenticate(&app, &headers, Permission::OwnSession).await {
        actions::sign_out(&app, caller.identity().session_id).await?;
    }
    let gone = |name: &'static str, path: &'static str| Cookie::build((name, "")).path(path).build();
    let jar = jar
        .remove(gone(ACCESS_COOKIE, "/"))
        .remove(gone(REFRESH_COOKIE, REFRESH_PATH));
    Ok((jar, StatusCode::NO_CONTENT))
}

/// Who is signed in, and what they may do.
#[utoipa::path(get, path = "/api/auth/me", responses((status = 200, body = Me), (status = 401)))]
async fn me(State(app): State<AppState>, caller: Caller) -> Result<Json<Me>, ApiError> {
    Ok(Json(me_of(&app, &caller).await?))
}

/// What `GET me` says of a caller.
pub async fn me_of(app: &AppState, caller: &Caller) -> Result<Me, Problem> {
    let scope = caller.own()?;
    let identity = caller.identity();
    let tx = app.db.read(&caller.home()).await?;
    let user = tx.get::<users::store::Entity>(identity.user).await?;
    tx.done().await?;
    let tx = app.db.read(&scope).await?;
    let business = tx.get::<businesses::store::Entity>(identity.business).await?;
    let acting = identity.impersonation.as_ref();
    Ok(Me {
        user: users::http::UserView::from(&user),
        business: businesses::http::BusinessSummary::from(&business),
        permissions: identity.permissions().iter().map(kernel::Permission::as_str).collect(),
        modules: business.modules,
        impersonation: acting.map(|acting| ImpersonationView {
            business_id: identity.business.get(),
            user_id: acting.user.map(i64::from),
            by: acting.by.get(),
            reason: acting.reason.clone(),
            expires_at: acting.until,
        }),
        impersonation_ended: identity.acting_is_over,
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeChange {
    name: Option<String>,
    /// Where calls are passed to; an empty text removes it.
    phone: Option<String>,
    /// Whether calls may be passed to this person now.
    available: Option<bool>,
}

/// Changes the own name, phone and availability.
#[utoipa::path(patch, path = "/api/auth/me", request_body = MeChange,
    responses((status = 200, body = Me), (status = 422)))]
async fn update_me(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(change): ApiJson<MeChange>,
) -> Result<Json<Me>, ApiError> {
    let scope = caller.own()?;
    let tx = app.db.write(&scope).await?;
    let user = tx.get::<users::store::Entity>(caller.identity().user).await?;
    let version = user.version;
    let mut row = user.into_active_model();
    if let Some(name) = change.name {
        row.name = Set(users::actions::checked_name(&name)?);
    }
    if let Some(phone) = change.phone {
        row.phone = Set(users::changes::checked_phone(&phone)?);
    }
    if let Some(available) = change.available {
        row.available = Set(available);
    }
    row.version = Set(version + 1);
    row.updated_at = Set(tx.now());
    tx.update(row).await?;
    tx.commit().await?;
    // Calls know people by their phones.
    app.calls.directory.invalidate();
    me(State(app), caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    #[schema(value_type = String)]
    current_password: SecretString,
    #[schema(value_type = String)]
    new_password: SecretString,
}

/// Changes the own password; all other sessions end.
#[utoipa::path(post, path = "/api/auth/password", request_body = PasswordChange,
    responses((status = 204), (status = 422)))]
async fn change_password(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(change): ApiJson<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    caller.own()?;
    let identity = caller.identity();
    app.limits.guess_as(identity.user)?;
    actions::change_password(
        &app,
        identity.user.get(),
        identity.session_id,
        change.current_password,
        change.new_password,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
