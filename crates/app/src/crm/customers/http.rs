//! `/api/crm/customers`.

use std::{collections::HashMap, slice};

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{CustomerId, Permission, Problem};
use platform::{
    db::{Find, ReadTx},
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions,
    body::CustomerBody,
    filter::Filter,
    former, found, http_history,
    identities::{self, Known},
    lookup,
    model::NotCustomer,
    store::{self, Column, Entity, Model},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};
use platform::http::fields::{Mentioned, mentioned};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::CustomersRead, routes!(list_customers)))
        .routes(guarded(Permission::CustomersWrite, routes!(create_customer)))
        .routes(guarded(Permission::CustomersRead, routes!(get_customer)))
        .routes(guarded(Permission::CustomersWrite, routes!(update_customer)))
        .routes(guarded(Permission::CustomersWrite, routes!(mark_not_customer)))
        .routes(guarded(Permission::CustomersWrite, routes!(block_customer)))
        .merge(http_history::routes())
}

/// Somebody whom the business knows.
#[derive(Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerView {
    pub id: i64,
    pub business_id: i64,
    /// The phone itself while nobody has said a name.
    pub name: String,
    /// The first of `phones`, E.164.
    pub phone: Option<String>,
    pub phones: Vec<String>,
    /// The first of `emails`.
    pub email: Option<String>,
    pub emails: Vec<String>,
    /// What they were called in records that went up in this one.
    pub former_names: Vec<String>,
    pub company: Option<String>,
    pub tax_id: Option<String>,
    pub address: Option<String>,
    /// `new`, `contacted`, `qualified`, `customer`, `inactive` or one of the business's own.
    pub status: String,
    pub source: String,
    pub owner_id: Option<i64>,
    #[schema(value_type = Vec<String>)]
    pub tags: serde_json::Value,
    pub notes: Option<String>,
    #[schema(value_type = Object)]
    pub custom: serde_json::Value,
    pub do_not_contact: bool,
    pub language: Option<String>,
    /// What the customer said they want, as the agent understood it.
    pub need: Option<String>,
    /// `supplier`, `wrong_number` or `spam` for somebody who is no lead.
    pub not_customer: Option<String>,
    pub blocked: bool,
    pub last_contact_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Only in the list of deleted ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What the rows of other tables say of customers.
pub(super) struct Besides {
    known: HashMap<i64, Known>,
    former: HashMap<i64, Vec<Model>>,
}

impl Besides {
    pub(super) async fn of(tx: &ReadTx, customers: &[Model]) -> Result<Self, Problem> {
        let ids: Vec<i64> = customers.iter().map(|customer| customer.id).collect();
        Ok(Self {
            known: identities::of_many(tx, &ids).await?,
            former: former::of_many(tx, &ids).await?,
        })
    }

    pub(super) fn view(&mut self, customer: Model) -> CustomerView {
        let known = self.known.remove(&customer.id).unwrap_or_default();
        let former = self.former.remove(&customer.id).unwrap_or_default();
        CustomerView::new(former::names(&customer, &former), customer, known)
    }
}

impl CustomerView {
    pub(super) async fn of(tx: &ReadTx, customer: Model) -> Result<Self, Problem> {
        let mut besides = Besides::of(tx, slice::from_ref(&customer)).await?;
        Ok(besides.view(customer))
    }

    fn new(former_names: Vec<String>, customer: Model, known: Known) -> Self {
        Self {
            id: customer.id,
            business_id: customer.business_id,
            name: customer.name,
            phone: customer.phone,
            phones: known.phones.into_iter().map(String::from).collect(),
            email: customer.email,
            emails: known.emails,
            former_names,
            company: customer.company,
            tax_id: customer.tax_id,
            address: customer.address,
            status: customer.status,
            source: customer.source,
            owner_id: customer.owner_id,
            tags: customer.tags,
            notes: customer.notes,
            custom: customer.custom,
            do_not_contact: customer.do_not_contact,
            language: customer.language,
            need: customer.need,
            not_customer: customer.not_customer,
            blocked: customer.blocked,
            last_contact_at: customer.last_contact_at,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
            deleted_at: customer.deleted_at,
        }
    }
}

/// A new customer, with others who may be the same person.
#[derive(Serialize, ToSchema)]
struct CreatedCustomer {
    #[serde(flatten)]
    customer: CustomerView,
    /// Customers with the same e-mail or a like name.
    possible_duplicates: Vec<i64>,
}

/// Customers, as far as they are on this page.
#[derive(Serialize, ToSchema)]
struct ListedCustomers {
    #[serde(flatten)]
    list: Listed<CustomerView>,
    /// Nobody was found by `q` as it was typed; these are those who are found by this.
    did_you_mean: Option<String>,
}

/// Customers, the newest first. Who is «not a customer» is left out unless asked for. Names that are almost `q`, or are
/// it on a keyboard of the other language, are looked for when nobody is found by `q` itself.
#[utoipa::path(get, path = "/api/crm/customers", params(PagingParams, Filter),
    responses((status = 200, body = ListedCustomers)))]
async fn list_customers(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<ListedCustomers>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(list::id_param("business_id", filter.business_id.as_deref())?)?;
    let tx = app.db.read(&scope).await?;
    let exact = page(&tx, filter.find(&tx)?, &paging).await?;
    let meant = match &filter.q {
        Some(query) if exact.total == 0 => found::meant(&tx, query).await?,
        _ => None,
    };
    let (list, did_you_mean) = match meant {
        None => (exact, None),
        Some(meant) => {
            let list = page(&tx, filter.find_meant(&tx, &meant.chunks)?, &paging).await?;
            let text = (list.total > 0).then_some(meant.text);
            (list, text)
        }
    };
    Ok(Json(ListedCustomers { list, did_you_mean }))
}

async fn page(tx: &ReadTx, find: Find<'_, Entity>, paging: &Paging) -> Result<Listed<CustomerView>, Problem> {
    let sort = |name, column| Sort { name, column };
    let sorts: [Sort<Entity>; 6] = [
        sort("updated_at", Column::UpdatedAt),
        sort("company", Column::Company),
        sort("created_at", Column::CreatedAt),
        sort("last_contact_at", Column::LastContactAt),
        sort("name", Column::Name),
        sort("status", Column::Status),
    ];
    let page = list::list(find, paging, &sorts, "-created_at", Column::Id).await?;
    let mut besides = Besides::of(tx, &page.results).await?;
    Ok(page.map(|customer| besides.view(customer)))
}

/// A new customer. Another one with the same phone: 409 `duplicate_phone` with `existing_id`.
#[utoipa::path(post, path = "/api/crm/customers", request_body = CustomerBody,
    responses((status = 201, body = CreatedCustomer), (status = 409), (status = 422)))]
async fn create_customer(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<CustomerBody>,
) -> Result<Tagged<CreatedCustomer>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let (name, fields) = body.for_creation()?;
    let tx = app.db.write(&scope).await?;
    let customer = actions::create(&tx, &name, fields).await?;
    let (id, version) = (customer.record_id(), customer.version);
    let customer = CustomerView::of(&tx, customer).await?;
    let possible_duplicates = lookup::alike(&tx, id, &customer.name, &customer.emails).await?;
    tx.commit().await?;
    let body = CreatedCustomer {
        customer,
        possible_duplicates,
    };
    Ok(Tagged::created(version, body))
}

/// One customer, with its version as `ETag`. One who was merged into another: 410 `merged` with `merged_into`.
#[utoipa::path(get, path = "/api/crm/customers/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = CustomerView), (status = 404), (status = 410)))]
async fn get_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let customer = store::get(&tx, CustomerId::new(id)).await?;
    Ok(tagged(&tx, customer).await?)
}

pub(super) async fn tagged(tx: &ReadTx, customer: Model) -> Result<Tagged<CustomerView>, Problem> {
    let version = customer.version;
    Ok(Tagged::new(version, CustomerView::of(tx, customer).await?))
}

/// Changes what is mentioned; `null` empties a field. With `If-Match`, 412 `stale` when somebody else was first.
#[utoipa::path(patch, path = "/api/crm/customers/{id}", params(("id" = i64, Path)), request_body = CustomerBody,
    responses((status = 200, body = CustomerView), (status = 404), (status = 409), (status = 410), (status = 412), (status = 422)))]
async fn update_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<CustomerBody>,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    if body
        .business_id
        .is_some_and(|business| scope.business().ok().map(i64::from) != Some(business))
    {
        return Err(Problem::invalid("business_id", "fixed", "a customer stays in its business").into());
    }
    let tx = app.db.write(&scope).await?;
    store::get(&tx, CustomerId::new(id)).await?;
    let fields = body.checked()?;
    let customer = actions::update(&tx, CustomerId::new(id), &seen, fields).await?;
    let answer = tagged(&tx, customer).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NotCustomerBody {
    /// `null` takes the customer back into the lists.
    #[serde(default, deserialize_with = "mentioned")]
    #[schema(value_type = Option<NotCustomer>)]
    reason: Mentioned<NotCustomer>,
}

/// Takes somebody who is no lead out of lists and statistics, or back in.
#[utoipa::path(post, path = "/api/crm/customers/{id}/not_customer", params(("id" = i64, Path)),
    request_body = NotCustomerBody, responses((status = 200, body = CustomerView), (status = 404), (status = 410)))]
async fn mark_not_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<NotCustomerBody>,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    store::get(&tx, CustomerId::new(id)).await?;
    let reason = body.reason.ok_or_else(|| Problem::missing("reason"))?;
    let customer = actions::mark_not_customer(&tx, CustomerId::new(id), &seen, reason).await?;
    let answer = tagged(&tx, customer).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlockBody {
    #[schema(required)]
    blocked: Option<bool>,
}

/// A blocked caller hears one sentence, and the call ends.
#[utoipa::path(post, path = "/api/crm/customers/{id}/block", params(("id" = i64, Path)), request_body = BlockBody,
    responses((status = 200, body = CustomerView), (status = 404), (status = 410)))]
async fn block_customer(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<BlockBody>,
) -> Result<Tagged<CustomerView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    store::get(&tx, CustomerId::new(id)).await?;
    let blocked = body.blocked.ok_or_else(|| Problem::missing("blocked"))?;
    let customer = actions::block(&tx, CustomerId::new(id), &seen, blocked).await?;
    let answer = tagged(&tx, customer).await?;
    tx.commit().await?;
    Ok(answer)
}
