//! Figures: what happened from day to day, and what happened since the business last closed.
//!
//! They are read from the records themselves, added up by the database. Test calls, and whatever those did who are
//! marked as no customer, leave no trace in them. Each number is that of a list, which the same filters open.

mod days;
mod digest;
mod gather;
mod line;
mod overview;
mod quantile;
mod since_closing;

use kernel::Permission;
use platform::jobs::Registry;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{AppState, api::guarded};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(guarded(Permission::StatsRead, routes!(overview::stats_overview)))
        .routes(guarded(
            Permission::StatsRead,
            routes!(since_closing::stats_since_closing),
        ))
}

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry.every(digest::EVERY, digest::SendDigests {})
}
