//! Bulk edits: one change for many customers, as a job that can be undone.

mod edit;
mod http;
mod jobs;
mod selection;
pub mod store;
mod undo;

use platform::jobs::Registry;

pub use http::routes;

use crate::AppState;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry.with::<jobs::RunBulk>().with::<undo::UndoBulk>()
}
