//! `/api/businesses`.

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    bus::Revocation,
    db::ReadTx,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        fields::{Mentioned, flag_param, mentioned, text_param},
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use sea_orm::{ColumnTrait, Condition, sea_query::LikeExpr};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions, model,
    modules::{self, Modules, ModulesChange},
    numbers::{self, PhoneNumber},
    settings::{self, Change, Hours},
    settings_http,
    store::{Column, Entity, Model},
};
use crate::{App, AppState, accounts::sessions::Caller, api::guarded};

pub use super::modules::ModuleState;

pub fn routes() -> OpenApiRouter<AppState> {
    let write = Permission::BusinessesWrite;
    OpenApiRouter::new()
        .routes(guarded(Permission::BusinessesRead, routes!(list_businesses)))
        .routes(guarded(write, routes!(create_business)))
        .routes(guarded(Permission::BusinessesRead, routes!(get_business)))
        .routes(guarded(write, routes!(update_business)))
        .routes(guarded(write, routes!(delete_business)))
        .routes(guarded(write, routes!(deactivate_business)))
        .routes(guarded(write, routes!(reactivate_business)))
        .routes(guarded(Permission::BusinessesRead, routes!(read_modules)))
        .routes(guarded(Permission::ModulesWrite, routes!(change_modules)))
        .merge(settings_http::routes())
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

/// A business.
#[derive(Serialize, ToSchema)]
#[schema(as = Business)]
struct BusinessView {
    id: i64,
    name: String,
    domain: Option<String>,
    /// A deactivated one's people cannot sign in.
    active: bool,
    timezone: String,
    language: String,
    phone_numbers: Vec<PhoneNumber>,
    /// `realtime`, `turn_based`, `voicemail`, or null for the server's own.
    call_mode: Option<String>,
    after_hours_mode: String,
    greeting_text: Option<String>,
    agent_prompt: Option<String>,
    #[schema(value_type = std::collections::BTreeMap<String, Vec<Vec<String>>>)]
    hours: Value,
    modules: Modules,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl BusinessView {
    fn new(business: Model, phone_numbers: Vec<PhoneNumber>) -> Self {
        Self {
            id: business.id,
            name: business.name,
            domain: business.domain,
            active: business.active,
            timezone: business.timezone,
            language: business.language,
            phone_numbers,
            call_mode: business.call_mode,
            after_hours_mode: business.after_hours_mode,
            greeting_text: business.greeting_text,
            agent_prompt: business.agent_prompt,
            hours: business.hours,
            modules: modules::read(&business.modules),
            created_at: business.created_at,
            updated_at: business.updated_at,
        }
    }
}

async fn view(tx: &ReadTx, business: Model) -> Result<BusinessView, Problem> {
    let numbers = numbers::of(tx, &[business.id]).await?.remove(&business.id);
    Ok(BusinessView::new(business, numbers.unwrap_or_default()))
}

async fn tagged(tx: &ReadTx, business: Model) -> Result<Tagged<BusinessView>, Problem> {
    let version = business.version;
    Ok(Tagged::new(version, view(tx, business).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// A part of the name.
    q: Option<String>,
    active: Option<String>,
}

impl Filter {
    fn condition(&self) -> Result<Condition, Problem> {
        let mut all = Condition::all();
        if let Some(active) = flag_param("active", self.active.as_deref())? {
            all = all.add(Column::Active.eq(active));
        }
        if let Some(text) = self.q.as_deref() {
            let text = text_param("q", text)?.trim();
            let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            all = all.add(Column::Name.like(LikeExpr::new(format!("%{text}%")).escape('\\')));
        }
        Ok(all)
    }
}

/// Businesses: an admin's list has all of them, everyone else's only their own.
#[utoipa::path(get, path = "/api/businesses", params(PagingParams, Filter),
    responses((status = 200, body = Listed<BusinessView>)))]
async fn list_businesses(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<BusinessView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(None)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 2] = [
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
        Sort {
            name: "name",
            column: Column::Name,
        },
    ];
    let find = tx.find::<Entity>().filter(filter.condition()?);
    let page = list::list(find, &paging, &sorts, "-created_at", Column::Id).await?;
    let ids: Vec<i64> = page.results.iter().map(|business| business.id).collect();
    let mut numbers = numbers::of(&tx, &ids).await?;
    Ok(Json(page.map(|business| {
        let numbers = numbers.remove(&business.id).unwrap_or_default();
        BusinessView::new(business, numbers)
    })))
}

/// What an admin says about a business; the rest stands in its settings.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = BusinessChange)]
#[serde(deny_unknown_fields, default)]
struct Body {
    /// Required for a new one.
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    name: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    domain: Mentioned<String>,
    timezone: Option<String>,
    language: Option<String>,
    phone_numbers: Option<Vec<PhoneNumber>>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    call_mode: Mentioned<String>,
    after_hours_mode: Option<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    greeting_text: Mentioned<String>,
    #[serde(deserialize_with = "mentioned")]
    #[schema(value_type = Option<String>)]
    agent_prompt: Mentioned<String>,
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<Vec<String>>>>)]
    hours: Option<Hours>,
    modules: Option<ModulesChange>,
}

impl Body {
    /// As a change of the business whose modules are these.
    fn change(self, modules: &Value) -> Result<Change, Problem> {
        let change = |change| modules::changed(modules, &change, kernel::Role::Admin);
        Ok(Change {
            name: self.name,
            domain: self.domain,
            modules: self.modules.map(change).transpose()?,
            timezone: self.timezone,
            language: self.language,
            phone_numbers: self.phone_numbers,
            call_mode: self.call_mode,
            after_hours_mode: self.after_hours_mode,
            greeting_text: self.greeting_text,
            agent_prompt: self.agent_prompt,
            hours: self.hours,
            ..Change::default()
        })
    }
}

/// A new business, with every module licensed and on.
#[utoipa::path(post, path = "/api/businesses", request_body = Body,
    responses((status = 201, body = BusinessView), (status = 400), (status = 409), (status = 422)))]
async fn create_business(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<Body>,
) -> Result<Tagged<BusinessView>, ApiError> {
    caller.own()?;
    let name = actions::new_name(body.name.as_ref().and_then(|name| name.as_deref()))?;
    let (tx, business) = model::begin_new(&app.db, name).await?;
    let scope = caller.for_create(Some(business.id))?;
    let tx = tx.narrow(&scope).await?;
    let change = body.change(&business.modules)?;
    let business = Box::pin(settings::apply(&tx, business, change, "business.created")).await?;
    let version = business.version;
    let answer = Tagged::created(version, view(&tx, business).await?);
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}

/// One business, with its version as `ETag`.
#[utoipa::path(get, path = "/api/businesses/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = BusinessView), (status = 404)))]
async fn get_business(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<BusinessView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let business = tx.get::<Entity>(id).await?;
    Ok(tagged(&tx, business).await?)
}

/// Changes what is mentioned, by PUT as by PATCH. 400 `invalid_name` for a blank name.
#[utoipa::path(method(put, patch), path = "/api/businesses/{id}", params(("id" = i64, Path)), request_body = Body,
    responses((status = 200, body = BusinessView), (status = 400), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn update_business(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<Body>,
) -> Result<Tagged<BusinessView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let business = actions::locked(&tx, id).await?;
    seen.check(business.version)?;
    let change = body.change(&business.modules)?;
    let business = Box::pin(settings::apply(&tx, business, change, "business.updated")).await?;
    let answer = tagged(&tx, business).await?;
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}

#[derive(Serialize, ToSchema)]
#[schema(as = Ok)]
struct Done {
    ok: bool,
}

/// Deactivates it; nothing is deleted.
#[utoipa::path(delete, path = "/api/businesses/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = Done), (status = 404), (status = 409)))]
async fn delete_business(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Done>, ApiError> {
    close(&app, &caller, id).await?;
    Ok(Json(Done { ok: true }))
}

/// Its people are out at once and cannot sign in; its data stays, and what comes in is stored.
#[utoipa::path(post, path = "/api/businesses/{id}/deactivate", params(("id" = i64, Path)),
    responses((status = 200, body = BusinessView), (status = 404), (status = 409)))]
async fn deactivate_business(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<BusinessView>, ApiError> {
    close(&app, &caller, id).await
}

async fn close(app: &App, caller: &Caller, id: i64) -> Result<Tagged<BusinessView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let business = actions::deactivate(&tx, id, caller.identity().home).await?;
    let answer = tagged(&tx, business).await?;
    tx.commit().await?;
    app.bus.revoke(Revocation::Business(id.into()));
    app.calls.directory.invalidate();
    Ok(answer)
}

/// Opens it again; its people sign in anew.
#[utoipa::path(post, path = "/api/businesses/{id}/reactivate", params(("id" = i64, Path)),
    responses((status = 200, body = BusinessView), (status = 404)))]
async fn reactivate_business(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<BusinessView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let business = actions::reactivate(&tx, id).await?;
    let answer = tagged(&tx, business).await?;
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}

/// The modules of a business.
#[utoipa::path(get, path = "/api/businesses/{id}/modules", params(("id" = i64, Path)),
    responses((status = 200, body = Modules), (status = 404)))]
async fn read_modules(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<Modules>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let business = tx.get::<Entity>(id).await?;
    Ok(Tagged::new(business.version, modules::read(&business.modules)))
}

/// Licences (the admin) and switches (the admin and the owner). What is not mentioned stays.
#[utoipa::path(patch, path = "/api/businesses/{id}/modules", params(("id" = i64, Path)), request_body = ModulesChange,
    responses((status = 200, body = Modules), (status = 403), (status = 404), (status = 409), (status = 412)))]
async fn change_modules(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(change): ApiJson<ModulesChange>,
) -> Result<Tagged<Modules>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let business = actions::locked(&tx, id).await?;
    seen.check(business.version)?;
    let change = Change {
        modules: Some(modules::changed(&business.modules, &change, caller.identity().role)?),
        ..Change::default()
    };
    let business = Box::pin(settings::apply(&tx, business, change, "business.modules_changed")).await?;
    let answer = Tagged::new(business.version, modules::read(&business.modules));
    tx.commit().await?;
    app.calls.directory.invalidate();
    Ok(answer)
}
