//! An operation and the permission it needs, said once: for the router and for the OpenAPI document.

use std::{
    convert::Infallible,
    hash::{DefaultHasher, Hash, Hasher},
};

use axum::{
    Extension,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::Permission;
use platform::http::{ApiError, idempotency};
use serde_json::{Value, json};
use utoipa::openapi::{Deprecated, OpenApi, RefOr, Schema, extensions::Extensions, path::Paths};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::{
    AppState,
    accounts::{audit::refusals, sessions::caller},
};

/// Where an operation carries the names and shapes of its types until the document is whole.
const SCHEMAS: &str = "x-schemas";
/// Forms of Twilio's, words of who signs in.
const STRANGERS_BODY: usize = 64 * 1024;

/// Operations for signed-in callers. Who is not signed in gets 401 here, and an admin who acts as somebody else 403
/// for what is a person's own; whether the permission is held is checked when the handler asks its
/// [`caller::Caller`] for a scope, after what the caller can not see was answered 404.
pub fn guarded(
    permission: Permission,
    (schemas, mut paths, router): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    carry_schemas(&mut paths, &schemas);
    extend(&mut paths, "x-permission", permission.as_str());
    if let Some(module) = permission.module() {
        extend(&mut paths, "x-module", module.as_str());
    }
    if permission.in_person() {
        extend(&mut paths, "x-in-person", true);
    }
    let router = router.layer::<_, Infallible>(axum::middleware::from_fn(
        move |Extension(app): Extension<AppState>, mut request: Request, next: Next| async move {
            let caller = caller::authenticate(&app, request.headers(), permission).await?;
            caller::note(&caller);
            let (business, acts_as) = (caller.identity().business, caller.identity().acts_as());
            app.limits.api_as(acts_as)?;
            let operation = format!("{} {}", request.method(), request.uri().path());
            let response = match caller.admitted(request.method()) {
                Ok(()) => {
                    request.extensions_mut().insert(caller.clone());
                    // A body is held for its key's sake only when there is something to repeat.
                    if caller.may(permission) {
                        idempotency::once(&app.db, business, acts_as, request, next).await
                    } else {
                        next.run(request).await
                    }
                }
                Err(problem) => ApiError::from(problem).into_response(),
            };
            if response.status() == StatusCode::FORBIDDEN {
                refusals::note(&app, &caller, &operation).await;
            }
            Ok::<Response, ApiError>(response)
        },
    ));
    (schemas, paths, router)
}

/// Operations that need no sign-in, or authenticate in another way, named in `x-auth`. A stranger's body is small.
pub fn public(how: &'static str, operations: UtoipaMethodRouter<AppState>) -> UtoipaMethodRouter<AppState> {
    public_up_to(STRANGERS_BODY, how, operations)
}

/// The same with bodies of up to so many bytes.
pub fn public_up_to(
    largest_body: usize,
    how: &'static str,
    (schemas, mut paths, router): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    carry_schemas(&mut paths, &schemas);
    extend(&mut paths, "x-auth", how);
    let router = router.layer::<_, Infallible>(DefaultBodyLimit::max(largest_body));
    (schemas, paths, router)
}

/// The same operations under another path, marked deprecated. `from` and `to` are whole paths.
pub fn aliased(
    from: &str,
    to: &str,
    (schemas, mut paths, router): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    if let Some(mut item) = paths.paths.remove(from) {
        for operation in operations(&mut item) {
            operation.deprecated = Some(Deprecated::True);
            operation.operation_id = operation
                .operation_id
                .take()
                .map(|id| format!("{id}_alias{}", to.replace(['/', '{', '}', '.', '-'], "_")));
        }
        paths.paths.insert(to.to_owned(), item);
    }
    (schemas, paths, router)
}

/// The router keeps one type of each name: all of them go along with the operation.
fn carry_schemas(paths: &mut Paths, schemas: &[(String, RefOr<Schema>)]) {
    let shapes: Vec<Value> = schemas
        .iter()
        .map(|(name, schema)| json!([name, shape(schema)]))
        .collect();
    extend(paths, SCHEMAS, shapes);
}

fn shape(schema: &RefOr<Schema>) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(schema).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// Takes the names and shapes of every operation's types out of the document.
pub(super) fn take_schemas(document: &mut OpenApi) -> Vec<(String, u64)> {
    let items = document.paths.paths.values_mut().flat_map(operations);
    items
        .filter_map(|operation| operation.extensions.as_mut()?.remove(SCHEMAS))
        .flat_map(|schemas| serde_json::from_value::<Vec<(String, u64)>>(schemas).unwrap_or_default())
        .collect()
}

fn extend(paths: &mut Paths, name: &str, value: impl Into<Value>) {
    let value = value.into();
    for item in paths.paths.values_mut() {
        for operation in operations(item) {
            operation
                .extensions
                .get_or_insert_with(Extensions::default)
                .insert(name.to_owned(), value.clone());
        }
    }
}

pub(super) fn operations(
    item: &mut utoipa::openapi::path::PathItem,
) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
        &mut item.head,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
}
