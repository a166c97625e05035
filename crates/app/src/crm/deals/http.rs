//! `/api/deals`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use kernel::{Permission, Problem};
use platform::{
    db::ReadTx,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        list::{self, Listed, Paging, PagingParams, Sort, from_query},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions, board,
    filter::Filter,
    forecast,
    history::{self, ChangeView},
    losses,
    model::{self, DealBody},
    pipelines,
    place::Next,
    progress,
    store::{self, Column, Entity, Model},
    view::DealView,
};
use crate::{AppState, accounts::sessions::Caller, api::guarded, crm::customers};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::DealsRead, routes!(list_deals)))
        .routes(guarded(Permission::DealsWrite, routes!(create_deal)))
        .routes(guarded(Permission::DealsRead, routes!(board::deal_board)))
        .routes(guarded(Permission::DealsRead, routes!(forecast::deal_forecast)))
        .routes(guarded(Permission::DealsRead, routes!(losses::deal_losses)))
        .routes(guarded(Permission::DealsRead, routes!(get_deal)))
        .routes(guarded(Permission::DealsWrite, routes!(update_deal)))
        .routes(guarded(Permission::DealsDelete, routes!(delete_deal)))
        .routes(guarded(Permission::DealsRead, routes!(deal_history)))
        .routes(guarded(Permission::DealsWrite, routes!(move_deal)))
        .routes(guarded(Permission::DealsWrite, routes!(win_deal)))
        .routes(guarded(Permission::DealsWrite, routes!(lose_deal)))
        .routes(guarded(Permission::DealsWrite, routes!(reopen_deal)))
        .merge(pipelines::http::routes())
}

async fn tagged(tx: &ReadTx, deal: Model) -> Result<Tagged<DealView>, Problem> {
    Ok(Tagged::new(deal.version, DealView::of(tx, deal).await?))
}

/// The orders of the list; `position` is that of a board's column.
pub(super) const fn sorts() -> [Sort<Entity>; 7] {
    const fn by(name: &'static str, column: Column) -> Sort<Entity> {
        Sort { name, column }
    }
    [
        by("created_at", Column::CreatedAt),
        by("updated_at", Column::UpdatedAt),
        by("expected_close", Column::ExpectedClose),
        by("closed_at", Column::ClosedAt),
        by("title", Column::Title),
        by("position", Column::Position),
        by("amount_minor", Column::AmountMinor),
    ]
}

/// Deals, the newest first. `sort=amount_minor` needs to see money.
#[utoipa::path(get, path = "/api/deals", params(PagingParams, Filter),
    responses((status = 200, body = Listed<DealView>), (status = 403)))]
async fn list_deals(
    State(app): State<AppState>,
    caller: Caller,
    paging: Paging,
    uri: Uri,
) -> Result<Json<Listed<DealView>>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_list(filter.business()?)?;
    if !scope.sees_money()
        && paging
            .order()
            .is_some_and(|order| order.trim_start_matches('-') == "amount_minor")
    {
        return Err(Problem::forbidden("the order would tell what other people's deals are worth").into());
    }
    let tx = app.db.read(&scope).await?;
    let page = list::list(filter.find(&tx)?, &paging, &sorts(), "-created_at", Column::Id).await?;
    let names = customers::store::names(&tx, page.results.iter().filter_map(|deal| deal.customer_id)).await?;
    Ok(Json(page.map(|deal| DealView::new(&scope, deal, &names))))
}

/// A new deal, on top of its stage: of the usual pipeline's first when none is named.
#[utoipa::path(post, path = "/api/deals", request_body = DealBody,
    responses((status = 201, body = DealView), (status = 422)))]
async fn create_deal(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<DealBody>,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let fields = body.checked()?;
    let tx = app.db.write(&scope).await?;
    let deal = actions::create(&tx, fields).await?;
    let (version, view) = (deal.version, DealView::of(&tx, deal).await?);
    tx.commit().await?;
    Ok(Tagged::created(version, view))
}

/// One deal, with its version as `ETag`.
#[utoipa::path(get, path = "/api/deals/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = DealView), (status = 404)))]
async fn get_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let deal = store::get(&tx, id).await?;
    Ok(tagged(&tx, deal).await?)
}

/// Changes what is mentioned; `null` empties a field. Another stage: on top of it. With `If-Match`, 412 `stale` when
/// somebody else was first.
#[utoipa::path(patch, path = "/api/deals/{id}", params(("id" = i64, Path)), request_body = DealBody,
    responses((status = 200, body = DealView), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn update_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<DealBody>,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let deal = store::get(&tx, id).await?;
    if body.business_id.is_some_and(|business| business != deal.business_id) {
        return Err(Problem::invalid("business_id", "fixed", "a deal stays in its business").into());
    }
    let deal = actions::update(&tx, id, &seen, body.checked()?).await?;
    let deal = tagged(&tx, deal).await?;
    tx.commit().await?;
    Ok(deal)
}

/// Takes a deal away for good. Its tasks stay.
#[utoipa::path(delete, path = "/api/deals/{id}", params(("id" = i64, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 412)))]
async fn delete_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    actions::delete(&tx, id, &seen).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a deal went through, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = DealHistory)]
struct History {
    results: Vec<ChangeView>,
}

/// Each step of a deal: who, when, from where to where; the newest first.
#[utoipa::path(get, path = "/api/deals/{id}/history", params(("id" = i64, Path)),
    responses((status = 200, body = History), (status = 404)))]
async fn deal_history(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<History>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let deal = store::get(&tx, id).await?;
    Ok(Json(History {
        results: history::of(&tx, deal.id).await?,
    }))
}

/// Where a deal is put. Without `before_id` and `after_id` it comes on top.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DealMove)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
struct MoveBody {
    stage_id: Option<i64>,
    /// Just above this open deal of the stage.
    before_id: Option<i64>,
    /// Just below this open deal of the stage.
    after_id: Option<i64>,
}

impl MoveBody {
    fn next(&self) -> Result<Next, Problem> {
        match (self.before_id, self.after_id) {
            (None, None) => Ok(Next::Top),
            (Some(id), None) => Ok(Next::Before(id)),
            (None, Some(id)) => Ok(Next::After(id)),
            (Some(_), Some(_)) => Err(Problem::invalid("after_id", "two_places", "comes without before_id")),
        }
    }
}

/// Puts an open deal into a stage, next to another deal or on top: what dragging on the board does. 409 `deal_closed`.
#[utoipa::path(post, path = "/api/deals/{id}/move", params(("id" = i64, Path)), request_body = MoveBody,
    responses((status = 200, body = DealView), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn move_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<MoveBody>,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    store::get(&tx, id).await?;
    let next = body.next()?;
    let stage = body.stage_id.ok_or_else(|| Problem::missing("stage_id"))?;
    let deal = progress::put(&tx, id, &seen, stage, next).await?;
    let deal = tagged(&tx, deal).await?;
    tx.commit().await?;
    Ok(deal)
}

/// Marks an open deal as won. 409 `deal_closed` for one that was lost.
#[utoipa::path(post, path = "/api/deals/{id}/win", params(("id" = i64, Path)),
    responses((status = 200, body = DealView), (status = 404), (status = 409), (status = 412)))]
async fn win_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let deal = progress::win(&tx, id, &seen).await?;
    let deal = tagged(&tx, deal).await?;
    tx.commit().await?;
    Ok(deal)
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DealLoss)]
#[serde(deny_unknown_fields)]
struct LoseBody {
    /// Required: a few words.
    #[schema(value_type = String)]
    reason: Option<String>,
}

/// Marks an open deal as lost, and why. 409 `deal_closed` for one that was won.
#[utoipa::path(post, path = "/api/deals/{id}/lose", params(("id" = i64, Path)), request_body = LoseBody,
    responses((status = 200, body = DealView), (status = 400), (status = 404), (status = 409), (status = 412)))]
async fn lose_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<LoseBody>,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    store::get(&tx, id).await?;
    let reason = model::reason(body.reason.as_deref())?;
    let deal = progress::lose(&tx, id, &seen, reason).await?;
    let deal = tagged(&tx, deal).await?;
    tx.commit().await?;
    Ok(deal)
}

/// Opens a deal again, on top of its stage.
#[utoipa::path(post, path = "/api/deals/{id}/reopen", params(("id" = i64, Path)),
    responses((status = 200, body = DealView), (status = 404), (status = 412)))]
async fn reopen_deal(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
) -> Result<Tagged<DealView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let deal = progress::reopen(&tx, id, &seen).await?;
    let deal = tagged(&tx, deal).await?;
    tx.commit().await?;
    Ok(deal)
}
