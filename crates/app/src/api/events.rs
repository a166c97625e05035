//! `/api/events`: what a browser missed while its socket was away.

use std::collections::HashSet;

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem, Visibility};
use platform::{
    db::ReadTx,
    http::{ApiError, list::from_query},
    outbox::{PublishedEvent, Room},
};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::guarded;
use crate::{
    AppState,
    accounts::sessions::Caller,
    calls,
    crm::{customers, deals, tasks},
};

/// How many events are given at once.
const MOST: u64 = 500;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(guarded(Permission::EventsRead, routes!(events)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The last `event_id` that was seen; 0 for all that is kept (24 hours).
    after: Option<String>,
}

/// An event as Socket.IO gave it.
#[derive(Serialize, ToSchema)]
struct EventView {
    event_id: i64,
    name: String,
    #[schema(value_type = Object)]
    payload: Value,
    at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
struct Events {
    /// Oldest first.
    events: Vec<EventView>,
    /// There is more after the last one.
    more: bool,
}

/// Events after `after`, filtered as the rooms of Socket.IO are.
#[utoipa::path(get, path = "/api/events", params(After), responses((status = 200, body = Events), (status = 422)))]
async fn events(State(app): State<AppState>, caller: Caller, uri: Uri) -> Result<Json<Events>, ApiError> {
    let query: After = from_query(uri.query().unwrap_or_default())?;
    let after = match query.after.as_deref() {
        None => 0,
        Some(text) => text
            .parse::<i64>()
            .map_err(|_| Problem::invalid("after", "wrong_type", "an event_id is a number"))?,
    };
    let scope = caller.own()?;
    let tx = app.db.read(&scope).await?;
    let (mut after, mut heard) = (after, Vec::new());
    let more = loop {
        let events = tx.events_after(after, MOST).await?;
        let full = u64::try_from(events.len()).unwrap_or(MOST) >= MOST;
        after = events.last().map_or(after, |last| last.event_id);
        heard.extend(audible(&tx, events).await?);
        // A page that is empty to this listener would look like the end.
        if !full || !heard.is_empty() {
            break full;
        }
    };
    Ok(Json(Events {
        events: heard.into_iter().map(view).collect(),
        more,
    }))
}

/// Those that the actor would hear in rooms: who sees only their own records hears only of these.
async fn audible(tx: &ReadTx, events: Vec<PublishedEvent>) -> Result<Vec<PublishedEvent>, Problem> {
    if tx.scope().visibility() == Visibility::All {
        return Ok(events);
    }
    let ids = |member: &str| -> Vec<i64> {
        let of = |event: &PublishedEvent| event.payload.get(member).and_then(Value::as_i64);
        events.iter().filter_map(of).collect()
    };
    let customers: HashSet<i64> = customers::store::visible(tx)
        .filter(customers::store::Column::Id.is_in(ids("customer_id")))
        .all()
        .await?
        .into_iter()
        .map(|customer| customer.id)
        .collect();
    let calls: HashSet<i64> = calls::store::visible(tx)
        .filter(calls::store::call::Column::Id.is_in(ids("call_id")))
        .all()
        .await?
        .into_iter()
        .map(|call| call.id)
        .collect();
    let tasks: HashSet<i64> = tasks::store::visible(tx)
        .filter(tasks::store::Column::Id.is_in(ids("task_id")))
        .all()
        .await?
        .into_iter()
        .map(|task| task.id)
        .collect();
    let deals: HashSet<i64> = deals::store::visible(tx)
        .filter(deals::store::Column::Id.is_in(ids("deal_id")))
        .all()
        .await?
        .into_iter()
        .map(|deal| deal.id)
        .collect();
    let hears = |event: &PublishedEvent| {
        let id = |member: &str| event.payload.get(member).and_then(Value::as_i64);
        match event.room {
            Room::User(_) => true,
            Room::Call(call) => calls.contains(&call.get()),
            Room::Business => match (id("task_id"), id("deal_id"), id("call_id"), id("customer_id")) {
                (Some(task), _, _, _) => tasks.contains(&task),
                (None, Some(deal), _, _) => deals.contains(&deal),
                (None, None, Some(call), _) => calls.contains(&call),
                (None, None, None, Some(customer)) => customers.contains(&customer),
                (None, None, None, None) => true,
            },
        }
    };
    Ok(events.into_iter().filter(hears).collect())
}

fn view(event: PublishedEvent) -> EventView {
    EventView {
        event_id: event.event_id,
        name: event.name,
        payload: event.payload,
        at: event.at,
    }
}
