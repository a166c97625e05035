//! `/api/admin/whatsapp/unrouted`: messages for numbers of nobody, and for businesses whose module is off.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use platform::http::ApiError;
use serde::Serialize;
use utoipa::ToSchema;

use super::door;
use crate::{AppState, accounts::sessions::Caller};

const MOST: u64 = 100;

/// A webhook's body that nobody here takes.
#[derive(Serialize, ToSchema)]
struct Unrouted {
    id: i64,
    business_id: Option<i64>,
    provider: String,
    /// `unrouted` or `failed`.
    state: String,
    reason: Option<String>,
    size_bytes: usize,
    received_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct UnroutedList {
    results: Vec<Unrouted>,
}

/// The latest hundred.
#[utoipa::path(get, path = "/api/admin/whatsapp/unrouted", responses((status = 200, body = UnroutedList)))]
pub(super) async fn unrouted_deliveries(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<UnroutedList>, ApiError> {
    caller.for_list(None)?;
    let found = door::unrouted(&app, MOST).await?;
    let results = found.into_iter().map(|row| Unrouted {
        id: row.id,
        business_id: row.business_id,
        provider: row.carrier,
        state: row.state,
        reason: row.reason,
        size_bytes: row.body.len(),
        received_at: row.received_at,
    });
    Ok(Json(UnroutedList {
        results: results.collect(),
    }))
}
