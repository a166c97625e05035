//! The records about people: customers, tasks, and how they are found.

pub mod customers;
pub mod search;
pub mod tasks;

/// The routes of everything here, and of the timeline beside it.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::AppState> {
    customers::http::routes()
        .merge(tasks::http::routes())
        .merge(crate::timeline::routes())
}
