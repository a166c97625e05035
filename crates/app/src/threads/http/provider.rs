//! Which carrier a business uses, whether it works, and linking a phone.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use contracts::{
    Fault,
    whatsapp::{Carrier, Connection, link::Link},
};
use kernel::{Phone, Problem};
use platform::{
    db::AuditEntry,
    http::{ApiError, ApiJson},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

use crate::{
    AppState,
    accounts::{
        businesses::{self, whatsapp::Choices},
        sessions::Caller,
        totp::qr,
    },
    threads::carriers,
};

/// A carrier may take this long to say how it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which provider a business uses.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatsappProvider)]
pub(super) struct ProviderView {
    /// The one that is tried first; null when none is on.
    provider: Option<String>,
    /// Whether the business chose it; otherwise it is the server's.
    chosen: bool,
    /// In which order they are tried.
    priority: Vec<String>,
    /// Those that are on and have their settings.
    available: Vec<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = WhatsappProviderBody)]
pub(super) struct ProviderBody {
    /// `baileys`, `twilio` or `meta`; null for the server's own choice.
    provider: Option<String>,
}

/// How one provider is.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatsappProviderStatus)]
pub(super) struct ProviderStatus {
    provider: String,
    connected: bool,
    qr_available: bool,
    number: Option<String>,
    last_seen: Option<DateTime<Utc>>,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WhatsappStatus)]
pub(super) struct StatusView {
    #[serde(flatten)]
    active: ProviderStatus,
    providers: Vec<ProviderStatus>,
}

async fn view(app: &AppState, tx: &platform::db::ReadTx) -> Result<ProviderView, Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let chosen = businesses::whatsapp::chosen(&business);
    let account = carriers::account(tx).await?;
    let order = carriers::order(&app.whatsapp.settings, chosen, None);
    let available = Carrier::ALL
        .into_iter()
        .filter(|carrier| app.whatsapp.open(*carrier, &account).is_some());
    let word = |carrier: Carrier| carrier.word().to_owned();
    Ok(ProviderView {
        provider: order.first().copied().map(word),
        chosen: chosen.is_some(),
        priority: order.into_iter().map(word).collect(),
        available: available.map(word).collect(),
    })
}

/// Which provider is used, and which there are.
#[utoipa::path(get, path = "/api/whatsapp/provider", responses((status = 200, body = ProviderView)))]
pub(super) async fn whatsapp_provider(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<ProviderView>, ApiError> {
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    Ok(Json(view(&app, &tx).await?))
}

/// Chooses the provider, from the next message on. Conversations stay on theirs while it is usable.
#[utoipa::path(put, path = "/api/whatsapp/provider", request_body = ProviderBody,
    responses((status = 200, body = ProviderView), (status = 422)))]
pub(super) async fn choose_whatsapp_provider(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<ProviderBody>,
) -> Result<Json<ProviderView>, ApiError> {
    let scope = caller.own()?;
    let chosen = match body.provider.as_deref() {
        None | Some("" | "auto") => None,
        Some(word) => {
            let known = word.parse::<Carrier>().ok();
            let on = known.filter(|carrier| app.whatsapp.settings.enabled.contains(carrier));
            let off = || Problem::invalid("provider", "unknown_provider", "is no provider that is on");
            Some(on.ok_or_else(off)?)
        }
    };
    let tx = app.db.write(&scope).await?;
    let business = tx
        .find::<businesses::store::Entity>()
        .by_id(scope.business()?)
        .lock()
        .one()
        .await?;
    let business = business.ok_or_else(Problem::not_found)?;
    let before = Choices::of(&business);
    let after = Choices {
        provider: chosen.map(|carrier| carrier.word().to_owned()),
        ..before.clone()
    };
    let id = business.id;
    let mut row = business.into_active_model();
    row.whatsapp = Set(after.json());
    row.updated_at = Set(tx.now());
    tx.update(row).await?;
    tx.audit(AuditEntry {
        action: "whatsapp.provider_chosen",
        record_type: "business",
        record_id: Some(id),
        changes: json!({ "provider": { "from": before.provider, "to": after.provider } }),
    })
    .await?;
    let view = view(&app, &tx).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn look(app: &AppState, carrier: Carrier, account: &contracts::whatsapp::Account) -> ProviderStatus {
    let off = |detail: &str, error: &str| ProviderStatus {
        provider: carrier.word().to_owned(),
        connected: false,
        qr_available: false,
        number: None,
        last_seen: None,
        detail: detail.to_owned(),
        error: Some(error.to_owned()),
    };
    let Some(api) = app.whatsapp.open(carrier, account) else {
        return off("not configured", "not_configured");
    };
    match tokio::time::timeout(PATIENCE, api.connection()).await {
        Ok(Ok(Connection {
            connected,
            qr_available,
            number,
            last_seen,
            detail,
        })) => ProviderStatus {
            provider: carrier.word().to_owned(),
            connected,
            qr_available,
            number,
            last_seen,
            detail,
            error: None,
        },
        Ok(Err(fault)) => off(&fault.to_string(), fault.word()),
        Err(_) => off("no answer in time", "unavailable"),
    }
}

/// How the provider in use is, and each other one.
#[utoipa::path(get, path = "/api/whatsapp/status", responses((status = 200, body = StatusView)))]
pub(super) async fn whatsapp_status(State(app): State<AppState>, caller: Caller) -> Result<Json<StatusView>, ApiError> {
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    let account = carriers::account(&tx).await?;
    let active = view(&app, &tx).await?.provider;
    drop(tx);
    let mut providers = Vec::new();
    for carrier in Carrier::ALL {
        providers.push(look(&app, carrier, &account).await);
    }
    let active: Carrier = active.and_then(|word| word.parse().ok()).unwrap_or(Carrier::Baileys);
    let active = look(&app, active, &account).await;
    Ok(Json(StatusView { active, providers }))
}

/// The code that is scanned with the phone.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatsappQr)]
pub(super) struct QrView {
    qr: Option<String>,
    /// Drawn.
    svg: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn link(app: &AppState, caller: &Caller) -> Result<(kernel::Scope, Arc<dyn Link>), Problem> {
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    let provider = view(app, &tx).await?.provider;
    drop(tx);
    let not_applicable = || Problem::malformed("qr_not_applicable", "this provider is not linked to a phone");
    if provider.as_deref() != Some(Carrier::Baileys.word()) {
        return Err(not_applicable());
    }
    let link = app
        .whatsapp
        .carriers()
        .link(scope.business()?)
        .ok_or_else(not_applicable)?;
    Ok((scope, link))
}

fn refused(fault: &Fault) -> Problem {
    match fault {
        Fault::Declined(why) => Problem::conflict("already_linked", why.clone()),
        fault => Problem::new(503, "bridge_unavailable", fault.to_string()),
    }
}

/// The code to scan now; starts a session when there is none. 400 `qr_not_applicable` for a provider without one.
#[utoipa::path(get, path = "/api/whatsapp/qr", responses((status = 200, body = QrView), (status = 400)))]
pub(super) async fn whatsapp_qr(State(app): State<AppState>, caller: Caller) -> Result<Json<QrView>, ApiError> {
    let (_, link) = link(&app, &caller).await?;
    let none = || QrView {
        qr: None,
        svg: None,
        expires_at: None,
        note: Some("not available".to_owned()),
    };
    Ok(Json(match tokio::time::timeout(PATIENCE, link.qr()).await {
        Ok(Ok(Some(code))) => QrView {
            svg: qr::svg(&code.text),
            qr: Some(code.text),
            expires_at: code.expires_at,
            note: None,
        },
        Ok(Ok(None)) | Err(_) => none(),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "no code to scan");
            none()
        }
    }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = WhatsappPairBody)]
pub(super) struct PairBody {
    /// The phone that is to be linked.
    phone: Option<String>,
    /// The person has read that the link is unofficial and that the number can be blocked.
    accepted: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WhatsappPairCode)]
pub(super) struct PairView {
    /// To be typed on the phone.
    code: String,
}

/// A code that is typed on the phone instead of being scanned.
#[utoipa::path(post, path = "/api/whatsapp/pair", request_body = PairBody,
    responses((status = 200, body = PairView), (status = 400), (status = 409), (status = 422)))]
pub(super) async fn pair_whatsapp(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PairBody>,
) -> Result<Json<PairView>, ApiError> {
    let phone = body.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty());
    let phone = phone.ok_or_else(|| Problem::missing("phone"))?;
    let phone = Phone::parse(phone).map_err(|err| Problem::invalid("phone", "invalid_phone", err.to_string()))?;
    let (scope, link) = link(&app, &caller).await?;
    let code = link.pair(&phone).await.map_err(|fault| refused(&fault))?;
    let tx = app.db.write(&scope).await?;
    tx.audit(AuditEntry {
        action: "whatsapp.pairing_asked",
        record_type: "business",
        record_id: Some(scope.business()?.get()),
        changes: json!({ "accepted": body.accepted }),
    })
    .await?;
    tx.commit().await?;
    Ok(Json(PairView { code }))
}

/// The next phone is another one.
async fn forget_pairing(tx: &platform::db::WriteTx) -> Result<(), Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    let choices = Choices {
        paired_at: None,
        ..Choices::of(&business)
    };
    tx.update_many::<businesses::store::Entity>()?
        .col(businesses::store::Column::Whatsapp, choices.json())
        .exec()
        .await?;
    Ok(())
}

/// Ends the link with the phone.
#[utoipa::path(post, path = "/api/whatsapp/logout", responses((status = 204), (status = 400)))]
pub(super) async fn unlink_whatsapp(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, ApiError> {
    let (scope, link) = link(&app, &caller).await?;
    link.logout().await.map_err(|fault| refused(&fault))?;
    let tx = app.db.write(&scope).await?;
    forget_pairing(&tx).await?;
    tx.audit(AuditEntry {
        action: "whatsapp.logged_out",
        record_type: "business",
        record_id: Some(scope.business()?.get()),
        changes: json!({}),
    })
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
