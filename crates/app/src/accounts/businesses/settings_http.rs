//! `/api/businesses/{id}/settings`: what its owner says about it.

use axum::extract::State;
use kernel::{Actor, Permission, Problem, Role, Scope};
use platform::{
    db::ReadTx,
    http::{ApiError, ApiJson, IfMatch, PathId, Tagged},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    days::{Shabbat, SpecialDay},
    legal::Legal,
    lists::Choice,
    numbers::{self, PhoneNumber},
    settings,
    store::{Entity, Model},
    whatsapp::Choices,
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::SettingsRead, routes!(read_settings)))
        .routes(guarded(Permission::SettingsWrite, routes!(change_settings)))
}

/// How a business answers its phone.
#[derive(Serialize, ToSchema)]
#[schema(as = BusinessSettings)]
struct SettingsView {
    name: String,
    domain: Option<String>,
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
    /// Days given by hand.
    #[schema(value_type = Vec<SpecialDay>)]
    holidays: Value,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    holiday_rules: Value,
    /// `13:00`
    half_day_ends: String,
    shabbat: Shabbat,
    /// `agent`, `message` or `closed`.
    shabbat_mode: String,
    /// Null until it is given; nothing is issued without it.
    #[schema(value_type = Option<Legal>)]
    legal: Option<Value>,
    /// `all` or `own_and_unassigned`.
    agent_visibility: String,
    agents_see_money: bool,
    #[schema(value_type = Vec<Choice>)]
    lead_sources: Value,
    transfer_to: Option<String>,
    #[schema(value_type = Vec<i64>)]
    call_out_order: Value,
    voicemail_seconds: i32,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    sentences: Value,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    facts: Value,
    phone_numbers: Vec<PhoneNumber>,
    whatsapp: Choices,
}

async fn view(tx: &ReadTx, business: Model) -> Result<SettingsView, ApiError> {
    let phone_numbers = numbers::of(tx, &[business.id]).await?.remove(&business.id);
    let whatsapp = Choices::of(&business);
    let shabbat = business
        .shabbat
        .and_then(|shabbat| serde_json::from_value(shabbat).ok());
    Ok(SettingsView {
        name: business.name,
        domain: business.domain,
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
        holiday_rules: business.holiday_rules,
        half_day_ends: business.half_day_ends,
        shabbat: shabbat.unwrap_or_default(),
        shabbat_mode: business.shabbat_mode,
        legal: business.legal,
        agent_visibility: business.agent_visibility,
        agents_see_money: business.agents_see_money,
        lead_sources: business.lead_sources,
        transfer_to: business.transfer_to,
        call_out_order: business.call_out_order,
        voicemail_seconds: business.voicemail_seconds,
        sentences: business.sentences,
        facts: business.facts,
        phone_numbers: phone_numbers.unwrap_or_default(),
        whatsapp,
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

fn scope_role(scope: &Scope) -> Option<Role> {
    match scope.actor() {
        Actor::User { role, .. } => Some(*role),
        _ => None,
    }
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
    let business = business.ok_or_else(Problem::not_found)?;
    if_match.check(business.version)?;
    let renames = change
        .name
        .as_ref()
        .is_some_and(|name| name.as_deref() != Some(&business.name));
    if renames && scope_role(&scope) == Some(Role::Manager) {
        return Err(Problem::forbidden("managers do not rename the business").into());
    }
    let business = Box::pin(settings::apply(&tx, business, change, "business.settings_changed")).await?;
    let version = business.version;
    let answer = Tagged::new(version, view(&tx, business).await?);
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}
