//! One error type for the whole API: `application/problem+json` (RFC 9457).

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use kernel::Problem;
use serde_json::{Map, Value};

use super::request_id;
use crate::db::DbError;

/// What a handler answers when it can not do what was asked.
#[derive(Debug)]
pub struct ApiError(Box<Problem>);

impl ApiError {
    pub const fn problem(&self) -> &Problem {
        &self.0
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<DbError> for ApiError {
    fn from(err: DbError) -> Self {
        Problem::from(err).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        render(&self.0)
    }
}

/// The document of a problem. The request's id is the task's current one.
pub fn render(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut document = Map::new();
    document.insert("type".to_owned(), "about:blank".into());
    document.insert("title".to_owned(), status.canonical_reason().unwrap_or("Error").into());
    document.insert("status".to_owned(), problem.status.into());
    document.insert("detail".to_owned(), problem.detail.as_str().into());
    document.insert("error".to_owned(), problem.code.into());
    document.insert("request_id".to_owned(), request_id::current().into());
    if !problem.errors.is_empty() {
        document.insert(
            "errors".to_owned(),
            serde_json::to_value(&problem.errors).unwrap_or_default(),
        );
    }
    document.extend(problem.extra.clone());
    let mut response = Response::new(Body::from(Value::Object(document).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(seconds) = problem.retry_after_seconds {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status == 401 {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The shape of [`render`]'s document, for the OpenAPI description.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Always `about:blank`: the code in `error` tells the kind.
    #[schema(rename = "type")]
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Stable snake_case code.
    pub error: String,
    pub request_id: String,
    pub errors: Option<Vec<FieldErrorDocument>>,
}

/// One field that was not accepted.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = FieldError)]
pub struct FieldErrorDocument {
    pub field: String,
    pub code: String,
    pub message: String,
}
