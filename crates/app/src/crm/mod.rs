//! The records about people: customers, their notes, tasks, and how they are found and shown.

pub mod bulk;
pub mod custom_fields;
pub mod customers;
pub mod deals;
pub mod exports;
pub mod imports;
pub mod notes;
pub mod search;
pub mod sight;
pub mod tasks;
mod timeline;
pub mod views;

/// The routes of everything here.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::AppState> {
    customers::http::routes()
        .merge(customers::statuses::routes())
        .merge(custom_fields::http::routes())
        .merge(notes::http::routes())
        .merge(views::http::routes())
        .merge(imports::routes())
        .merge(exports::routes())
        .merge(bulk::routes())
        .merge(tasks::http::routes())
        .merge(deals::http::routes())
        .merge(timeline::routes())
}

/// Adds the kinds of work of everything here.
pub fn register(registry: platform::jobs::Registry<crate::AppState>) -> platform::jobs::Registry<crate::AppState> {
    bulk::register(imports::register(registry))
}
