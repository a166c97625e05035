//! The door of verified webhooks: a request becomes a [`Delivery`] only when its signature is right, and only a
//! delivery, or an admitted media socket, is given a [`Scope`] here.

use std::net::IpAddr;

use axum::{
    body::Bytes,
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use kernel::{Actor, BusinessId, CallId, ExposeSecret, Permission, PermissionSet, Reach, Scope, Visibility};
use platform::http::{ApiError, client_address::ClientAddress, rate_limit::UnverifiedWebhook, request_id};
use url::form_urlencoded;

use super::{
    form::Form,
    signature::{Check, Incoming, Refusal, Verified},
};
use crate::{App, AppState};

/// One verified webhook.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub form: Verified<Form>,
    /// Path and query as they came; the signature covers them.
    pub target: String,
    /// When it came, which for one out of the spool is earlier than now.
    pub at: DateTime<Utc>,
    pub request_id: String,
}

impl Delivery {
    /// The right to one business's data, for what Twilio tells us.
    pub fn scope(&self, business: BusinessId) -> Scope {
        mint(business, Actor::Provider("twilio"), &self.request_id)
    }

    /// A parameter of our own in the query of the address that we gave.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub fn query_number(&self, name: &str) -> Option<i64> {
        self.query(name)?.parse().ok()
    }
}

/// The agent's right to its call's business, for a media socket whose token was good.
pub fn agent_scope(_: &AdmittedToken, business: BusinessId, call: CallId) -> Scope {
    mint(business, Actor::Agent { call }, &request_id::fresh())
}

/// The right to a call's business for taking over what its socket left on the disk.
pub fn rescue_scope(business: BusinessId, call: CallId) -> Scope {
    mint(business, Actor::Agent { call }, &request_id::fresh())
}

/// Proof that a media socket brought its call's token.
pub struct AdmittedToken(());

/// Checks a media socket's token.
pub fn admit_token(app: &App, call_sid: &str, token: &str) -> Option<AdmittedToken> {
    app.voice
        .links
        .admits(call_sid, token, app.clock.now())
        .then_some(AdmittedToken(()))
}

fn mint(business: BusinessId, actor: Actor, request_id: &str) -> Scope {
    // What a call does to customers, tasks and calls needs what an agent of the business may do.
    let may: PermissionSet = [
        Permission::CustomersRead,
        Permission::CustomersWrite,
        Permission::TasksRead,
        Permission::TasksWrite,
        Permission::CallsRead,
        Permission::CallsWork,
        Permission::TimelineRead,
    ]
    .into_iter()
    .collect();
    Scope::mint(Reach::One(business), actor, may, Visibility::All, request_id)
}

impl FromRequest<AppState> for Delivery {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let target = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0)
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        let request = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(request, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let incoming = Incoming {
            is_get: parts.method != Method::POST,
            target: &target,
            headers: &parts.headers,
            body: &body,
        };
        match verify(app, incoming) {
            Ok(form) => Ok(Self {
                form,
                at: app.clock.now(),
                request_id: request_id::current(),
                target,
            }),
            Err(refusal) => {
                let from = parts
                    .extensions
                    .get::<ClientAddress>()
                    .map(|ClientAddress(address)| *address);
                Err(refuse(app, refusal, &target, from))
            }
        }
    }
}

/// Checks a request against the account's token.
pub fn verify(app: &App, incoming: Incoming<'_>) -> Result<Verified<Form>, Refusal> {
    let origins = origins(app, incoming.headers);
    Check {
        token: token(app),
        origins: &origins,
    }
    .verify(incoming)
}

/// What a media socket's upgrade says of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// The phone company; in development without a token whoever asks, as with webhooks.
    Signed,
    /// The token in its first messages decides.
    Unsigned,
    /// A signature of something else.
    SignedWrong,
}

/// Checks the signature that a media socket's upgrade may carry.
pub fn verify_upgrade(app: &App, target: &str, headers: &HeaderMap) -> Upgrade {
    let token = token(app);
    if token.is_some() && !headers.contains_key(super::signature::SIGNATURE) {
        return Upgrade::Unsigned;
    }
    let origins = origins(app, headers);
    let check = Check {
        token,
        origins: &origins,
    };
    match check.verify_upgrade(target, headers) {
        Ok(()) => Upgrade::Signed,
        Err(_) => Upgrade::SignedWrong,
    }
}

fn token(app: &App) -> Option<&str> {
    app.settings
        .voice
        .twilio_auth_token
        .as_ref()
        .map(ExposeSecret::expose_secret)
}

/// 403; to an address that keeps trying 429.
fn refuse(app: &App, refusal: Refusal, target: &str, from: Option<IpAddr>) -> Response {
    let path = target.split('?').next().unwrap_or_default();
    tracing::warn!(
        event = "twilio_signature_invalid",
        why = refusal.word(),
        path,
        "twilio_signature_invalid"
    );
    metrics::counter!("twilio_signature_invalid_total", "why" => refusal.word()).increment(1);
    let webhook = match path {
        "/webhook/incoming_call" | "/webhook/handle_recording" => UnverifiedWebhook::Call,
        path if path.ends_with("_status") => UnverifiedWebhook::Status,
        _ => UnverifiedWebhook::Other,
    };
    match from.map(|from| app.limits.unverified(webhook, from)) {
        Some(Err(problem)) => ApiError::from(problem).into_response(),
        Some(Ok(())) | None => StatusCode::FORBIDDEN.into_response(),
    }
}

/// Under which origins Twilio may have called: the configured one, what a trusted proxy says, else the request's own.
fn origins(app: &App, headers: &HeaderMap) -> Vec<String> {
    let mut origins = Vec::with_capacity(2);
    if let Some(configured) = &app.settings.public_base_url {
        origins.push(configured.as_str().trim_end_matches('/').to_owned());
    }
    if app.settings.trust_proxy
        && let (Some(scheme), Some(host)) = (
            first(headers, "x-forwarded-proto"),
            first(headers, "x-forwarded-host").or_else(|| first(headers, "host")),
        )
    {
        origins.push(format!("{scheme}://{host}"));
    }
    if origins.is_empty()
        && let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok())
    {
        origins.push(format!("http://{host}"));
    }
    origins
}

/// The first of a comma-separated header's values: what the outermost proxy saw.
fn first<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').map(str::trim).find(|part| !part.is_empty())
}
