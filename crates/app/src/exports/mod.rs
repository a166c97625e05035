//! Everything that a business has, as one archive that can be read without us.

mod archive;
mod gather;
mod http;
mod jobs;
mod messages;
pub mod model;
mod pages;
mod records;
pub mod store;

use platform::jobs::Registry;

pub use http::routes;

use crate::AppState;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<jobs::MakeExport>()
        .every(jobs::SWEPT_EVERY, jobs::SweepExports {})
}
