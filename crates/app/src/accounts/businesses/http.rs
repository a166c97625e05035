//! `/api/businesses/{id}/settings`: how the business answers its phone.

use axum::extract::State;
use kernel::Permission;
use platform::{
    db::ReadTx,
    http::{ApiError, ApiJson, IfMatch, PathId, Tagged},
};
use sea_orm::Order;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    settings::{self, PhoneNumber},
    store::{Entity, Model, number},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::SettingsRead, routes!(read_settings)))
        .routes(guarded(Permission::SettingsWrite, routes!(change_settings)))
}

/// What every screen shows of the business.
#[derive(Serialize, ToSchema)]
#[schema(as = BusinessSummary)]
pub struct BusinessSummary {
    pub id: i64,
    pub name: String,
    pub timezone: String,
    pub language: String,
}

impl From<&Model> for BusinessSummary {
    fn from(business: &Model) -> Self {
        Self {
            id: business.id,
            name: business.name.clone(),
            timezone: business.timezone.clone(),
            language: business.language.clone(),
        }
    }
}

/// A part of the product: `licensed` by the admin, `on` by the owner; both are needed.
#[derive(Serialize, ToSchema)]
pub struct ModuleState {
    pub licensed: bool,
    pub on: bool,
}

/// How a business answers its phone.
#[derive(Serialize, ToSchema)]
#[schema(as = BusinessSettings)]
struct SettingsView {
    name: String,
    timezone: String,
    language: String,
    /// `realtime`, `turn_based`, `voicemail`, or null for the server's own.
    call_mode: Option<String>,
    after_hours_mode: String,
    greeting_text: Option<String>,
    agent_name: Option<String>,
    /// `feminine` or `masculine`.
    agent_gender: String,
    agent_prompt: Option<String>,
    #[schema(value_type = std::collections::BTreeMap<String, Vec<Vec<String>>>)]
    hours: Value,
    #[schema(value_type = Vec<String>)]
    holidays: Value,
    transfer_to: Option<String>,
    #[schema(value_type = Vec<i64>)]
    call_out_order: Value,
    voicemail_seconds: i32,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    sentences: Value,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    facts: Value,
    phone_numbers: Vec<PhoneNumber>,
}

async fn view(tx: &ReadTx, business: Model) -> Result<SettingsView, ApiError> {
    let phone_numbers = tx
        .find::<number::Entity>()
        .order_by(number::Column::Id, Order::Asc)
        .all()
        .await?
        .into_iter()
        .map(|number| PhoneNumber {
            number: number.number,
            voice: number.voice,
            whatsapp: number.whatsapp,
        })
        .collect();
    Ok(SettingsView {
        name: business.name,
        timezone: business.timezone,
        language: business.language,
        call_mode: business.call_mode,
        after_hours_mode: business.after_hours_mode,
        greeting_text: business.greeting_text,
        agent_name: business.agent_name,
        agent_gender: business.agent_gender,
        agent_prompt: business.agent_prompt,
        hours: business.hours,
        holidays: business.holidays,
        transfer_to: business.transfer_to,
        call_out_order: business.call_out_order,
        voicemail_seconds: business.voicemail_seconds,
        sentences: business.sentences,
        facts: business.facts,
        phone_numbers,
    })
}

/// The settings of a business's phone.
#[utoipa::path(get, path = "/api/businesses/{id}/settings", params(("id" = i64, Path)),
    responses((status = 200, body = SettingsView), (status = 404)))]
async fn read_settings(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<SettingsView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let business = tx.get::<Entity>(id).await?;
    let version = business.version;
    Ok(Tagged::new(version, view(&tx, business).await?))
}

/// Changes what is mentioned.
#[utoipa::path(patch, path = "/api/businesses/{id}/settings", params(("id" = i64, Path)),
    request_body = settings::Change,
    responses((status = 200, body = SettingsView), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn change_settings(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    if_match: IfMatch,
    ApiJson(change): ApiJson<settings::Change>,
) -> Result<Tagged<SettingsView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let business = tx.find::<Entity>().by_id(id).lock().one().await?;
    let business = business.ok_or_else(kernel::Problem::not_found)?;
    if_match.check(business.version)?;
    let business = settings::apply(&tx, business, change).await?;
    let version = business.version;
    let answer = Tagged::new(version, view(&tx, business).await?);
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}
