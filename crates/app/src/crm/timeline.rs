//! A customer's timeline over HTTP: `/api/customers/{id}/timeline`.

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{CustomerId, Permission, Problem, Scope, Visibility};
use platform::http::{ApiError, PathId, list::from_query};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{customers, deals, tasks};
use crate::{
    AppState,
    accounts::sessions::Caller,
    api::guarded,
    timeline::{self, Cursor, KINDS, Shown},
};

const DEFAULT_LIMIT: usize = 30;
const LARGEST_LIMIT: usize = 100;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::TimelineRead, routes!(customer_timeline)))
}

/// Something that happened with a customer.
#[derive(Serialize, ToSchema)]
struct TimelineItem {
    /// `call`, `whatsapp`, `task`, `invoice`, `contract`, `signature`, `payment`, `deal`, `note`, `change`, `import` or
    /// `ai`.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    ts: DateTime<Utc>,
    /// The id of the thing within its type.
    ref_id: String,
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

impl TimelineItem {
    fn new(scope: &Scope, event: Shown) -> Self {
        let data = match event.kind.as_str() {
            "deal" => deals::view::hide_amount(scope, event.data),
            _ => event.data,
        };
        Self {
            kind: event.kind,
            title: event.title,
            ts: event.ts,
            ref_id: event.ref_id,
            data: RawValue::from_string(data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Timeline {
    items: Vec<TimelineItem>,
    /// Give it back as `before` for what is older; null at the end.
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    /// Only these types, with commas between.
    types: Option<String>,
    /// `next_cursor` of the answer before.
    before: Option<String>,
    /// 1 to 100, usually 30; a larger one counts as 100.
    limit: Option<String>,
}

impl Params {
    fn kinds(&self) -> Result<Vec<&'static str>, Problem> {
        let mut kinds = Vec::new();
        for name in self
            .types
            .as_deref()
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let kind = KINDS
                .into_iter()
                .find(|kind| *kind == name)
                .ok_or_else(|| Problem::invalid("types", "unknown_type", "there is no such type of event"))?;
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Ok(kinds)
    }

    fn limit(&self) -> Result<usize, Problem> {
        match self.limit.as_deref().map(str::parse::<usize>) {
            None => Ok(DEFAULT_LIMIT),
            Some(Ok(limit)) if limit >= 1 => Ok(limit.min(LARGEST_LIMIT)),
            Some(_) => Err(Problem::malformed("invalid_paging", "limit is a number from 1")),
        }
    }
}

/// Everything that happened with a customer, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/timeline", params(("id" = i64, Path), Params),
    responses((status = 200, body = Timeline), (status = 404), (status = 410)))]
async fn customer_timeline(
    State(app): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    uri: Uri,
) -> Result<Json<Timeline>, ApiError> {
    let scope = caller.for_record::<customers::store::Entity>(id).await?;
    let tx = app.db.read(&scope).await?;
    let customer = CustomerId::new(id);
    customers::store::check(&tx, customer).await?;
    let params: Params = from_query(uri.query().unwrap_or_default())?;
    let (kinds, limit) = (params.kinds()?, params.limit()?);
    let before = params.before.as_deref().map(Cursor::decode).transpose()?;
    let ask = timeline::Ask {
        customer,
        kinds,
        before,
        limit: limit + 1,
        hidden: anothers(&scope, customer),
    };
    let mut events = timeline::newest(&tx, &ask).await?;
    let more = events.len() > limit;
    events.truncate(limit);
    let next_cursor = events.last().filter(|_| more).map(|last| {
        Cursor {
            ts: last.ts,
            id: last.id,
        }
        .encode()
    });
    Ok(Json(Timeline {
        items: events
            .into_iter()
            .map(|event| TimelineItem::new(&scope, event))
            .collect(),
        next_cursor,
    }))
}

/// A customer of one's own may have tasks and deals that are somebody else's.
fn anothers(scope: &Scope, customer: CustomerId) -> Vec<(&'static str, SelectStatement)> {
    let Visibility::OwnAndUnassigned(user) = scope.visibility() else {
        return Vec::new();
    };
    let tasks = tasks::store::Entity::find()
        .select_only()
        .expr(Expr::col(tasks::store::Column::Id).cast_as("TEXT"))
        .filter(tasks::store::Column::CustomerId.eq(customer.get()))
        .filter(tasks::store::Column::AssigneeId.ne(user.get()));
    let deals = deals::store::Entity::find()
        .select_only()
        .expr(Expr::col(deals::store::Column::Id).cast_as("TEXT"))
        .filter(deals::store::Column::CustomerId.eq(customer.get()))
        .filter(deals::store::Column::OwnerId.ne(user.get()));
    vec![("task", tasks.into_query()), ("deal", deals.into_query())]
}
