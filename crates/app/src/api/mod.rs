//! The whole HTTP surface on one screen, and the permission that each operation needs.

mod admin;
mod described;
mod events;
mod guard;
pub mod hand_over;
mod health;
pub mod listeners;
mod search;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::{
    Router,
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::Problem;
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

pub use guard::{aliased, guarded, public, public_up_to};

use crate::{AppState, accounts, calls, channels, crm, exports, notifications, stats, threads};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "AgentLocator",
        description = "Answers the phone of a small business and turns every conversation into records that its people work from."
    ),
    components(schemas(platform::http::error::ProblemDocument))
)]
struct Document;

/// Every route under its subject, with the OpenAPI document that they make.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(health::routes())
        .merge(events::routes())
        .merge(accounts::setup::http::routes())
        .merge(accounts::sessions::http::routes())
        .merge(accounts::sessions::list::routes())
        .merge(accounts::totp::http::routes())
        .merge(accounts::resets::http::routes())
        .merge(accounts::api_keys::http::routes())
        .merge(accounts::audit::http::routes())
        .merge(accounts::businesses::http::routes())
        .merge(accounts::users::http::routes())
        .merge(accounts::impersonation::http::routes())
        .merge(accounts::defaults::http::routes())
        .merge(admin::routes())
        .merge(crm::routes())
        .merge(search::routes())
        .merge(calls::http::routes())
        .merge(notifications::http::routes())
        .merge(exports::routes())
        .merge(stats::routes())
        .merge(threads::http::routes())
        .merge(channels::voice::routes())
        .merge(channels::whatsapp::routes())
}

/// The OpenAPI document, as `/openapi.json` and `agentlocator openapi` give it.
pub fn document() -> Value {
    let mut document = routes().into_openapi();
    document.info.version = String::from(env!("CARGO_PKG_VERSION"));
    tell_apart(&mut document);
    guard::take_schemas(&mut document);
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    described::complete(&mut document);
    document
}

/// Names under which types of different shapes stand in the document: it has room for one of each only.
pub fn ambiguous_schemas() -> BTreeSet<String> {
    ambiguous(guard::take_schemas(&mut routes().into_openapi()))
}

fn ambiguous(schemas: Vec<(String, u64)>) -> BTreeSet<String> {
    let mut shapes = BTreeMap::new();
    schemas
        .into_iter()
        .filter(|(name, shape)| *shapes.entry(name.clone()).or_insert(*shape) != *shape)
        .map(|(name, _)| name)
        .collect()
}

/// An id names one operation: where a handler serves several methods or paths, each further one is numbered.
fn tell_apart(document: &mut utoipa::openapi::OpenApi) {
    let mut used = HashMap::<String, u32>::new();
    for item in document.paths.paths.values_mut() {
        for id in guard::operations(item).filter_map(|operation| operation.operation_id.as_mut()) {
            let times = used.entry(id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                *id = format!("{id}_{times}");
            }
        }
    }
}

/// The router with its state.
pub fn router(app: AppState) -> Router {
    let document = Bytes::from(serde_json::to_vec(&document()).unwrap_or_default());
    let (router, _) = routes().split_for_parts();
    router
        .route("/openapi.json", get(async move || json(document)))
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::Extension(app.clone()))
        .with_state(app)
}

fn json(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// axum adds `Allow` by itself.
async fn wrong_method() -> Response {
    platform::http::error::render(&Problem::new(
        405,
        "method_not_allowed",
        "this path has other methods, see Allow",
    ))
}

/// What is not there: a problem for programs. Pages are the web app's.
pub fn not_found() -> Response {
    platform::http::error::render(&Problem::not_found())
}

#[cfg(test)]
mod tests {
    use utoipa_axum::routes;

    use super::*;

    mod one {
        #[derive(utoipa::ToSchema)]
        #[allow(dead_code)]
        pub(super) struct Shape {
            sides: u8,
        }
    }

    mod other {
        #[derive(utoipa::ToSchema)]
        #[allow(dead_code)]
        pub(super) struct Shape {
            colour: String,
        }
    }

    #[utoipa::path(get, path = "/one", responses((status = 200, body = one::Shape)))]
    async fn one_shape() {}

    #[utoipa::path(get, path = "/other", responses((status = 200, body = [other::Shape])))]
    async fn other_shape() {}

    #[utoipa::path(get, path = "/again", responses((status = 200, body = Option<one::Shape>)))]
    async fn one_again() {}

    fn found(router: OpenApiRouter<AppState>) -> BTreeSet<String> {
        ambiguous(guard::take_schemas(&mut router.into_openapi()))
    }

    #[test]
    fn two_types_of_one_name_are_told() {
        let one = OpenApiRouter::new()
            .routes(public("none", routes!(one_shape)))
            .routes(public("none", routes!(one_again)));
        assert!(found(one.clone()).is_empty());
        let both = one.routes(public("none", routes!(other_shape)));
        assert_eq!(found(both), BTreeSet::from(["Shape".to_owned()]));
    }

    #[test]
    fn every_type_of_the_document_has_its_own_name() {
        assert!(!guard::take_schemas(&mut routes().into_openapi()).is_empty());
        assert_eq!(ambiguous_schemas(), BTreeSet::new());
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        let document = document();
        let mut open = vec![&document];
        let mut followed = 0;
        while let Some(value) = open.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(to)) = members.get("$ref") {
                        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                        followed += 1;
                    }
                    open.extend(members.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        assert!(followed > 1000, "{followed}");
        assert!(!document.to_string().contains("x-schemas"));
    }
}
