//! `/api/pipelines`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    db::ReadTx,
    http::{
        ApiError, ApiJson, IfMatch, PathId, Tagged,
        list::{self, from_query},
    },
};
use sea_orm::Order;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    actions::{self, Fields},
    ensure,
    stages::{self, StageBody},
    store::{self, Column, Entity, Model, stage},
};
use crate::{AppState, accounts::sessions::Caller, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::DealsRead, routes!(list_pipelines)))
        .routes(guarded(Permission::PipelinesWrite, routes!(create_pipeline)))
        .routes(guarded(Permission::DealsRead, routes!(get_pipeline)))
        .routes(guarded(Permission::PipelinesWrite, routes!(update_pipeline)))
        .routes(guarded(Permission::PipelinesWrite, routes!(delete_pipeline)))
}

/// A step on a deal's way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PipelineStage)]
pub struct StageView {
    pub id: i64,
    pub name: String,
    /// In percent: how likely a deal here is to be won.
    pub probability: i32,
}

impl From<stage::Model> for StageView {
    fn from(stage: stage::Model) -> Self {
        Self {
            id: stage.id,
            name: stage.name,
            probability: stage.probability,
        }
    }
}

/// Stages in their order.
#[derive(Serialize, ToSchema)]
#[schema(as = Pipeline)]
pub struct PipelineView {
    pub id: i64,
    pub business_id: i64,
    pub name: String,
    pub position: i32,
    /// Into which deals come when nobody says otherwise.
    pub is_default: bool,
    pub stages: Vec<StageView>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl PipelineView {
    fn new(pipeline: Model, stages: Vec<StageView>) -> Self {
        Self {
            id: pipeline.id,
            business_id: pipeline.business_id,
            name: pipeline.name,
            position: pipeline.position,
            is_default: pipeline.is_default,
            stages,
            created_at: pipeline.created_at,
            updated_at: pipeline.updated_at,
        }
    }

    pub async fn of(tx: &ReadTx, pipeline: Model) -> Result<Self, Problem> {
        let stages = store::stages_of(tx, [pipeline.id]).await?;
        Ok(Self::new(pipeline, stages.into_iter().map(StageView::from).collect()))
    }
}

/// All of them: there are never many.
#[derive(Serialize, ToSchema)]
struct Pipelines {
    results: Vec<PipelineView>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// For an admin: of this business.
    business_id: Option<String>,
}

/// Pipelines in their order, with their stages. Every business has one.
#[utoipa::path(get, path = "/api/pipelines", params(Filter), responses((status = 200, body = Pipelines)))]
async fn list_pipelines(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<Pipelines>, ApiError> {
    let filter: Filter = from_query(uri.query().unwrap_or_default())?;
    let scope = caller.for_create(list::id_param("business_id", filter.business_id.as_deref())?)?;
    ensure(&app.db, &scope).await?;
    let tx = app.db.read(&scope).await?;
    let pipelines = tx
        .find::<Entity>()
        .order_by(Column::Position, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?;
    let mut of: BTreeMap<i64, Vec<StageView>> = BTreeMap::new();
    for stage in store::stages_of(&tx, pipelines.iter().map(|pipeline| pipeline.id)).await? {
        of.entry(stage.pipeline_id).or_default().push(stage.into());
    }
    let results = pipelines.into_iter().map(|pipeline| {
        let stages = of.remove(&pipeline.id).unwrap_or_default();
        PipelineView::new(pipeline, stages)
    });
    Ok(Json(Pipelines {
        results: results.collect(),
    }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct PipelineBody {
    /// Required when it is created.
    name: Option<String>,
    position: Option<i32>,
    /// `true` makes it the one into which deals come when nobody says otherwise.
    is_default: Option<bool>,
    /// Required when it is created. All stages in their order: one that is left out goes.
    stages: Option<Vec<StageBody>>,
    /// A stage for the deals of stages that go.
    move_to: Option<i64>,
    /// When an admin creates a pipeline: for which business.
    business_id: Option<i64>,
}

impl PipelineBody {
    fn checked(self) -> Result<Fields, Problem> {
        Ok(Fields {
            name: actions::name(self.name.as_deref())?,
            position: self.position,
            is_default: self.is_default,
            stages: self.stages.map(stages::checked).transpose()?,
            move_to: self.move_to,
        })
    }
}

/// A new pipeline with its stages.
#[utoipa::path(post, path = "/api/pipelines", request_body = PipelineBody,
    responses((status = 201, body = PipelineView), (status = 409), (status = 422)))]
async fn create_pipeline(
    State(app): State<AppState>,
    caller: Caller,
    ApiJson(body): ApiJson<PipelineBody>,
) -> Result<Tagged<PipelineView>, ApiError> {
    let scope = caller.for_create(body.business_id)?;
    let tx = app.db.write(&scope).await?;
    let pipeline = actions::create(&tx, body.checked()?).await?;
    let (version, view) = (pipeline.version, PipelineView::of(&tx, pipeline).await?);
    tx.commit().await?;
    Ok(Tagged::created(version, view))
}

/// One pipeline, with its version as `ETag`.
#[utoipa::path(get, path = "/api/pipelines/{id}", params(("id" = i64, Path)),
    responses((status = 200, body = PipelineView), (status = 404)))]
async fn get_pipeline(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Tagged<PipelineView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let pipeline = tx.get::<Entity>(id).await?;
    Ok(Tagged::new(pipeline.version, PipelineView::of(&tx, pipeline).await?))
}

/// Changes what is mentioned; `stages` is all of them, in their order. A stage with deals goes only when `move_to` says
/// where they go: else 409 `stage_in_use` with `stages: [{id, name, deals}]`.
#[utoipa::path(patch, path = "/api/pipelines/{id}", params(("id" = i64, Path)), request_body = PipelineBody,
    responses((status = 200, body = PipelineView), (status = 404), (status = 409), (status = 412), (status = 422)))]
async fn update_pipeline(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    ApiJson(body): ApiJson<PipelineBody>,
) -> Result<Tagged<PipelineView>, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let tx = app.db.write(&scope).await?;
    let pipeline = tx.get::<Entity>(id).await?;
    if body
        .business_id
        .is_some_and(|business| business != pipeline.business_id)
    {
        return Err(Problem::invalid("business_id", "fixed", "a pipeline stays in its business").into());
    }
    let pipeline = actions::update(&tx, id, &seen, body.checked()?).await?;
    let (version, view) = (pipeline.version, PipelineView::of(&tx, pipeline).await?);
    tx.commit().await?;
    Ok(Tagged::new(version, view))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Removal {
    /// A stage of another pipeline, for the deals of this one.
    move_to: Option<String>,
}

/// Takes a pipeline away. With deals in it only when `move_to` says where they go: else 409 `stage_in_use`. The usual
/// one: 409 `default_pipeline`.
#[utoipa::path(delete, path = "/api/pipelines/{id}", params(("id" = i64, Path), Removal),
    responses((status = 204), (status = 404), (status = 409), (status = 412)))]
async fn delete_pipeline(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    seen: IfMatch,
    uri: Uri,
) -> Result<StatusCode, ApiError> {
    let scope = caller.for_record::<Entity>(id).await?;
    let removal: Removal = from_query(uri.query().unwrap_or_default())?;
    let move_to = list::id_param("move_to", removal.move_to.as_deref())?;
    let tx = app.db.write(&scope).await?;
    actions::delete(&tx, id, &seen, move_to).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
