//! `/api/api_keys`.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::Permission;
use platform::http::{
    ApiError, ApiJson, IfMatch, PathId, Tagged,
    fields::Faults,
    list::{self, Listed, Paging, PagingParams, Sort, from_query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{self, NewKey},
    store::{Column, Entity, Model},
};
use crate::{
    AppState,
    accounts::{sessions::Caller, totp::http::UNKEPT},
    api::guarded,
};

pub fn routes() -> OpenApiRouter<AppState> {
    let manage = Permission::ApiKeysManage;
    OpenApiRouter::new()
        .routes(guarded(manage, routes!(list_api_keys, create_api_key)))
        .routes(guarded(manage, routes!(get_api_key, rename_api_key, delete_api_key)))
}

/// A key by which a program acts: `Authorization: Bearer alk_…`.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct KeyView {
    id: i64,
    business_id: i64,
    name: String,
    /// How the key begins, to tell keys apart.
    prefix: String,
    /// `customers:read`, `tasks:write`, `messages:send`, …
    #[schema(value_type = Vec<String>)]
    scopes: serde_json::Value,
    /// The person who made it: it may never more than that person.
    made_by_id: i64,
    expires_at: Option<DateTime<Utc>>,
    /// To within a minute.
    last_used_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Model> for KeyView {
    fn from(key: Model) -> Self {
        Self {
            id: key.id,
            business_id: key.business_id,
            name: key.name,
            prefix: format!("{}{}", super::BEGINNING, key.prefix),
            scopes: key.scopes,
            made_by_id: key.made_by_id,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

fn tagged(key: Model) -> Tagged<KeyView> {
    Tagged::new(key.version, key.into())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// For an admin: only this business.
    business_id: Option<String>,
}

/// The keys of the business, the newest first, without their secrets.
#[utoipa::path(get, path = "/api/api_keys", params(PagingParams, Filter),
    responses((status = 200, body = Listed<KeyView>)))]
async fn list_api_keys(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<KeyView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let sorts: [Sort<Entity>; 3] = [
        Sort {
            name: "created_at",
            column: Column::CreatedAt,
        },
        Sort {
            name: "name",
            column: Column::Name,
        },
        Sort {
            name: "last_used_at",
            column: Column::LastUsedAt,
        },
    ];
    let page = list::list(tx.find::<Entity>(), &paging, &sorts, "-created_at", Column::Id).await?;
    Ok(Json(page.map(KeyView::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKeyBody {
    name: String,
    /// `customers`, `calls`, `threads`, `messages`, `tasks`, `deals`, `contracts`, `invoices`, `payments` or `stats`,
    /// with `:read` or `:write`; and `messages:send`.
    scopes: Vec<String>,
    /// RFC 3339; without it the key holds until it is deleted.
    expires_at: Option<String>,
    /// For an admin: the business in which the key acts.
    business_id: Option<i64>,
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
struct CreatedView {
    #[serde(flatten)]
    key: KeyView,
    /// `alk_…`
    secret: String,
}

type Created = (StatusCode, [(HeaderName, HeaderValue); 1], Json<CreatedView>);

/// Makes a key. Its `secret` stands in this answer only: a repeated request with the same `Idempotency-Key` gets 409
/// `answer_not_kept`. 422 for unknown or no scopes.
#[utoipa::path(post, path = "/api/api_keys", request_body = NewKeyBody,
    responses((status = 201, body = CreatedView), (status = 422)))]
async fn create_api_key(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<NewKeyBody>,
) -> Result<Created, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let mut faults = Faults::default();
    let expires_at = body
        .expires_at
        .as_deref()
        .and_then(|text| faults.time("expires_at", text));
    faults.done()?;
    let new = NewKey {
        name: body.name,
        scopes: body.scopes,
        expires_at,
    };
    let tx = app.db.write(&scope).await?;
    let (key, secret) = actions::create(&tx, caller.identity().user, new).await?;
    tx.commit().await?;
    let view = CreatedView {
        key: key.into(),
        secret,
    };
    Ok((StatusCode::CREATED, UNKEPT, Json(view)))
}

/// One key, with its version as `ETag`.
#[utoipa::path(get, path = "/api/api_keys/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = KeyView), (status = 404)))]
async fn get_api_key(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<KeyView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    Ok(tagged(tx.get::<Entity>(id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

/// Gives a key another name; all else stays as it was made.
#[utoipa::path(patch, path = "/api/api_keys/{id}", params(("id" = i64, Path)), request_body = Rename,
    responses((status = 200, body = KeyView), (status = 404), (status = 412), (status = 422)))]
async fn rename_api_key(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<Rename>,
) -> Result<Tagged<KeyView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let key = actions::rename(&tx, id, &seen, &body.name).await?;
    tx.commit().await?;
    Ok(tagged(key))
}

/// Withdraws a key at once.
#[utoipa::path(delete, path = "/api/api_keys/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404)))]
async fn delete_api_key(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    actions::delete(&tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
