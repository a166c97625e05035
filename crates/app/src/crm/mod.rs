//! The records about people: customers, tasks, and how they are found.

pub mod customers;
pub mod search;
pub mod tasks;
mod timeline;

/// The routes of everything here.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::AppState> {
    customers::http::routes()
        .merge(tasks::http::routes())
        .merge(timeline::routes())
}
