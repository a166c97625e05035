//! Imports: customers out of a file that somebody brings.
//!
//! A file is told by its content ([`file`]), its headings by what people call things ([`headings`]), each row is checked
//! as the form checks a customer ([`person`]), and written in batches that can be undone ([`write`], [`undo`]).

mod actions;
pub mod file;
mod headings;
mod http;
mod jobs;
pub mod mapping;
pub mod model;
pub mod person;
pub mod progress;
mod reader;
pub mod store;
mod sweep;
pub mod target;
mod undo;
mod upload;
mod write;

#[cfg(test)]
mod tests;

use platform::jobs::Registry;

pub use actions::UNDONE_WITHIN;
pub use http::{Accepted, routes};
pub use jobs::owners;
pub use write::with_tags;

use crate::AppState;

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<jobs::RunImport>()
        .with::<undo::UndoImport>()
        .every(sweep::EVERY, sweep::SweepImports {})
}
