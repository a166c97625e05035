//! `/api/crm/customers/{id}`: deleting, restoring, merging, forgetting.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kernel::{CustomerId, Permission, Problem};
use platform::{
    db::ReadTx,
    http::{ApiError, ApiJson, IfMatch, PathId, Tagged},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    forget,
    http::{Besides, CustomerView, tagged},
    identities, lookup, merge, merges, removal,
    store::{self, Column, Entity, Model},
    undo,
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CustomersDelete, routes!(delete_customer)))
        .routes(guarded(Permission::CustomersDelete, routes!(restore_customer)))
        .routes(guarded(Permission::CustomersRead, routes!(customer_duplicates)))
        .routes(guarded(Permission::CustomersMerge, routes!(merge_customers)))
        .routes(guarded(Permission::CustomersMerge, routes!(customer_merges)))
        .routes(guarded(Permission::CustomersMerge, routes!(undo_merge)))
        .routes(guarded(Permission::CustomersForget, routes!(forget_customer)))
}

/// Takes a customer out of lists and search. For 30 days they can be restored; then they are forgotten.
#[utoipa::path(delete, path = "/api/crm/customers/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 404), (status = 410), (status = 412)))]
async fn delete_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    removal::delete(&tx, CustomerId::new(id), &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings back a customer who was deleted within 30 days. 409 `duplicate_phone` with `existing_id` when somebody else
/// has got the phone meanwhile.
#[utoipa::path(post, path = "/api/crm/customers/{id}/restore", params(("id" = i64, Path)),
    responses((status = 200, body = CustomerView), (status = 404), (status = 409), (status = 410)))]
async fn restore_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let customer = removal::restore(&tx, CustomerId::new(id)).await?;
    let answer = tagged(&tx, customer).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Serialize, ToSchema)]
struct Duplicates {
    results: Vec<CustomerView>,
}

/// Customers who may be the same person: the same e-mail, or the same words in the name.
#[utoipa::path(get, path = "/api/crm/customers/{id}/duplicates", params(("id" = i64, Path)),
    responses((status = 200, body = Duplicates), (status = 404), (status = 410)))]
async fn customer_duplicates(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Duplicates>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let customer = store::get(&tx, CustomerId::new(id)).await?;
    let known = identities::of(&tx, customer.record_id()).await?;
    let alike = lookup::alike(&tx, customer.record_id(), &customer.name, &known.emails).await?;
    let found = store::visible(&tx).filter(Column::Id.is_in(alike)).all().await?;
    Ok(Json(Duplicates {
        results: views(&tx, found).await?,
    }))
}

async fn views(tx: &ReadTx, customers: Vec<Model>) -> Result<Vec<CustomerView>, Problem> {
    let mut besides = Besides::of(tx, &customers).await?;
    Ok(customers.into_iter().map(|customer| besides.view(customer)).collect())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeBody {
    /// The customer who goes up in this one.
    other_id: i64,
}

#[derive(Serialize, ToSchema)]
struct MergedCustomer {
    #[serde(flatten)]
    customer: CustomerView,
    /// For undoing it, within 30 days.
    merge_id: i64,
}

/// Makes two records of one person one, with the history of both. What is empty here is filled from the other; the
/// other's id is answered with 410 `merged` from then on.
#[utoipa::path(post, path = "/api/crm/customers/{id}/merge", params(("id" = i64, Path)), request_body = MergeBody,
    responses((status = 200, body = MergedCustomer), (status = 404), (status = 410), (status = 412), (status = 422)))]
async fn merge_customers(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<MergeBody>,
) -> Result<Tagged<MergedCustomer>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let other = CustomerId::new(body.other_id);
    let (kept, record) = Box::pin(merge::merge(&tx, CustomerId::new(id), &seen, other)).await?;
    let version = kept.version;
    let customer = CustomerView::of(&tx, kept).await?;
    tx.commit().await?;
    let body = MergedCustomer {
        customer,
        merge_id: record.id,
    };
    Ok(Tagged::new(version, body))
}

/// That one customer went up in another.
#[derive(Serialize, ToSchema)]
struct CustomerMerge {
    id: i64,
    kept_id: i64,
    other_id: i64,
    merged_by_id: Option<i64>,
    created_at: DateTime<Utc>,
    undone_at: Option<DateTime<Utc>>,
    undone_by_id: Option<i64>,
}

impl From<merges::Model> for CustomerMerge {
    fn from(merge: merges::Model) -> Self {
        Self {
            id: merge.id,
            kept_id: merge.kept_id,
            other_id: merge.other_id,
            merged_by_id: merge.merged_by_id,
            created_at: merge.created_at,
            undone_at: merge.undone_at,
            undone_by_id: merge.undone_by_id,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct CustomerMerges {
    results: Vec<CustomerMerge>,
}

/// Who went up in this customer, the latest first.
#[utoipa::path(get, path = "/api/crm/customers/{id}/merges", params(("id" = i64, Path)),
    responses((status = 200, body = CustomerMerges), (status = 404), (status = 410)))]
async fn customer_merges(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<CustomerMerges>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let customer = store::get(&tx, CustomerId::new(id)).await?;
    let merges = merges::into(&tx, customer.record_id()).await?;
    Ok(Json(CustomerMerges {
        results: merges.into_iter().map(CustomerMerge::from).collect(),
    }))
}

/// Takes a merge back within 30 days: both customers are as they were, with what has happened since at the kept one.
/// Answers with the one who had gone up. 409 `already_undone` or `too_late`; 410 when the kept one was merged since.
#[utoipa::path(post, path = "/api/crm/customers/merges/{id}/undo", params(("id" = i64, Path)),
    responses((status = 200, body = CustomerView), (status = 404), (status = 409), (status = 410)))]
async fn undo_merge(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<merges::Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let (_, other) = Box::pin(undo::undo(&tx, id)).await?;
    let answer = tagged(&tx, other).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ForgetBody {
    /// Why; it stays in the audit log, without the person's name.
    reason: String,
}

/// Erases everything personal about a customer, everywhere, for good; recordings follow within moments. A deleted
/// customer can be forgotten, too. 409 `call_running` while they are on the phone.
#[utoipa::path(post, path = "/api/crm/customers/{id}/forget", params(("id" = i64, Path)), request_body = ForgetBody,
    responses((status = 204), (status = 404), (status = 409), (status = 410)))]
async fn forget_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    ApiJson(body): ApiJson<ForgetBody>,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    if body.reason.trim().is_empty() {
        return Err(Problem::missing("reason").into());
    }
    let tx = app.db.write(&scope).await?;
    Box::pin(forget::forget(&tx, CustomerId::new(id), &body.reason)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
