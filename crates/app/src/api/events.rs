//! `/api/events`: what a browser missed while its socket was away.

use axum::{Json, extract::State, http::Uri};
use chrono::{DateTime, Utc};
use kernel::{Permission, Problem};
use platform::{
    http::{ApiError, list::from_query},
    outbox::PublishedEvent,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::guarded;
use crate::{AppState, accounts::sessions::Caller};

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
    let events = tx.events_after(after, MOST).await?;
    Ok(Json(Events {
        more: u64::try_from(events.len()).unwrap_or(MOST) >= MOST,
        events: events.into_iter().map(view).collect(),
    }))
}

fn view(event: PublishedEvent) -> EventView {
    EventView {
        event_id: event.event_id,
        name: event.name,
        payload: event.payload,
        at: event.at,
    }
}
