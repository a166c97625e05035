//! The records about people: customers, tasks, and how they are found.

pub mod bulk;
pub mod customers;
pub mod exports;
pub mod imports;
pub mod search;
pub mod tasks;
mod timeline;

/// The routes of everything here.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::AppState> {
    customers::http::routes()
        .merge(imports::routes())
        .merge(exports::routes())
        .merge(bulk::routes())
        .merge(tasks::http::routes())
        .merge(timeline::routes())
}

/// Adds the kinds of work of everything here.
pub fn register(registry: platform::jobs::Registry<crate::AppState>) -> platform::jobs::Registry<crate::AppState> {
    bulk::register(imports::register(registry))
}
