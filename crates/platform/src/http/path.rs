//! Ids in paths: what is not an integer names no record.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use kernel::Problem;

use super::ApiError;

/// The one `{id}` of a path; 404 when it is not an integer.
#[derive(Clone, Copy, Debug)]
pub struct PathId(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found())?;
        let id = text.parse().map_err(|_| Problem::not_found())?;
        Ok(Self(id))
    }
}
