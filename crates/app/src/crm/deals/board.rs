//! `GET /api/deals/board`: the open deals of a pipeline under their stages.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::Uri};
use kernel::Problem;
use platform::{
    db::{Find, ReadTx},
    http::{
        ApiError,
        list::{self, Paging, from_query},
    },
};
use sea_orm::{ColumnTrait, FromQueryResult, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    filter::Filter,
    http::sorts,
    model::Status,
    pipelines::{
        self,
        http::{PipelineView, StageView},
    },
    store::{Column, Entity},
    view::DealView,
};
use crate::{AppState, accounts::sessions::Caller, crm::customers};

const DEFAULT_PER_STAGE: u64 = 25;
const MOST_PER_STAGE: u64 = 100;

/// A sum in one currency, in its smallest unit.
#[derive(Clone, Debug, Serialize, ToSchema, FromQueryResult)]
#[schema(as = DealAmount)]
pub struct Amount {
    pub currency: String,
    pub amount_minor: i64,
}

/// A stage with its open deals.
#[derive(Serialize, ToSchema)]
#[schema(as = DealBoardStage)]
struct BoardStage {
    #[serde(flatten)]
    stage: StageView,
    /// How many deals stand in it.
    total: u64,
    /// What they are worth together, by currency. Absent where the actor does not see money.
    #[serde(skip_serializing_if = "Option::is_none")]
    sums: Option<Vec<Amount>>,
    /// In their order; no more than `per_stage`.
    deals: Vec<DealView>,
    /// Further ones: `GET /api/deals?stage_id=…&status=open&sort=position&cursor=…` with the same filters. Null at the
    /// end.
    next_cursor: Option<String>,
}

/// A pipeline with the open deals of each stage.
#[derive(Serialize, ToSchema)]
#[schema(as = DealBoard)]
pub(super) struct Board {
    pipeline: PipelineView,
    stages: Vec<BoardStage>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BoardParams {
    /// Deals of each stage, 1 to 100, usually 25.
    per_stage: Option<String>,
}

impl BoardParams {
    fn limit(&self) -> Result<u64, Problem> {
        match self.per_stage.as_deref().map(str::parse::<u64>) {
            None => Ok(DEFAULT_PER_STAGE),
            Some(Ok(limit)) if limit >= 1 => Ok(limit.min(MOST_PER_STAGE)),
            Some(_) => Err(Problem::malformed("invalid_paging", "per_stage is a number from 1")),
        }
    }
}

/// The open deals of a pipeline (the usual one without `pipeline_id`), under their stages, with what they are worth.
#[utoipa::path(get, path = "/api/deals/board", params(Filter, BoardParams),
    responses((status = 200, body = Board), (status = 404)))]
pub(super) async fn deal_board(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<Board>, ApiError> {
    let query = uri.query().unwrap_or_default();
    let filter: Filter = from_query(query)?;
    let limit = from_query::<BoardParams>(query)?.limit()?;
    let scope = caller.for_create(filter.business()?)?;
    pipelines::ensure(&app.db, &scope).await?;
    let tx = app.db.read(&scope).await?;
    let pipeline = pipeline(&tx, &filter).await?;
    let deals = filter
        .find(&tx)?
        .filter(Column::PipelineId.eq(pipeline.id))
        .filter(Column::Status.eq(Status::Open.as_str()));
    let mut sums = sums(&tx, deals.clone()).await?;
    let mut stages = Vec::new();
    for stage in &pipeline.stages {
        stages.push(column(&tx, &deals, stage, sums.as_mut(), limit).await?);
    }
    Ok(Json(Board { pipeline, stages }))
}

async fn pipeline(tx: &ReadTx, filter: &Filter) -> Result<PipelineView, Problem> {
    use pipelines::store::{Column, Entity};
    let wanted = list::id_param("pipeline_id", filter.pipeline_id.as_deref())?;
    let find = tx.find::<Entity>();
    let find = match wanted {
        Some(id) => find.by_id(id),
        None => find.filter(Column::IsDefault.eq(true)),
    };
    let pipeline = find.one().await?.ok_or_else(Problem::not_found)?;
    PipelineView::of(tx, pipeline).await
}

async fn column(
    tx: &ReadTx,
    deals: &Find<'_, Entity>,
    stage: &StageView,
    sums: Option<&mut BTreeMap<i64, Vec<Amount>>>,
    limit: u64,
) -> Result<BoardStage, Problem> {
    let mut paging = Paging::default();
    (paging.page, paging.limit) = (1, limit);
    let of_stage = deals.clone().filter(Column::StageId.eq(stage.id));
    let page = list::list(of_stage, &paging, &sorts(), "position", Column::Id).await?;
    let names = customers::store::names(tx, page.results.iter().filter_map(|deal| deal.customer_id)).await?;
    let views = page
        .results
        .into_iter()
        .map(|deal| DealView::new(tx.scope(), deal, &names));
    Ok(BoardStage {
        stage: stage.clone(),
        total: page.total,
        sums: sums.map(|sums| sums.remove(&stage.id).unwrap_or_default()),
        deals: views.collect(),
        next_cursor: page.next_cursor,
    })
}

#[derive(FromQueryResult)]
struct StageSum {
    stage_id: i64,
    currency: String,
    amount_minor: i64,
}

/// What the deals of each stage are worth; none where the actor does not see money.
async fn sums(tx: &ReadTx, deals: Find<'_, Entity>) -> Result<Option<BTreeMap<i64, Vec<Amount>>>, Problem> {
    if !tx.scope().sees_money() {
        return Ok(None);
    }
    let rows: Vec<StageSum> = deals
        .filter(Column::AmountMinor.is_not_null())
        .map(|select| {
            select
                .select_only()
                .columns([Column::StageId, Column::Currency])
                .column_as(super::forecast::whole(Column::AmountMinor.sum()), "amount_minor")
                .group_by(Column::StageId)
                .group_by(Column::Currency)
        })
        .order_by(Column::Currency, sea_orm::Order::Asc)
        .all_as()
        .await?;
    let mut sums: BTreeMap<i64, Vec<Amount>> = BTreeMap::new();
    for row in rows {
        sums.entry(row.stage_id).or_default().push(Amount {
            currency: row.currency,
            amount_minor: row.amount_minor,
        });
    }
    Ok(Some(sums))
}
