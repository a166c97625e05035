//! No U+0000 comes in: PostgreSQL keeps none, and no name, number or word has one. JSON bodies are looked through where
//! they are read ([`super::json`]).

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::Problem;

use super::ApiError;

/// As it stands in an address; a bare one is no HTTP.
const NUL: &str = "%00";

/// Middleware: 404 for a path, 422 for a query with a NUL.
pub async fn refuse(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let problem = if uri.path().contains(NUL) {
        Problem::not_found()
    } else if uri.query().is_some_and(|query| query.contains(NUL)) {
        Problem::new(422, "invalid", "the query string has a NUL character")
    } else {
        return next.run(request).await;
    };
    ApiError::from(problem).into_response()
}
