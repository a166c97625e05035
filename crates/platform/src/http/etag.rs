//! `ETag` and `If-Match` of records: a record's version is its tag, and a write that names an older one is refused.

use std::convert::Infallible;

use axum::{
    Json,
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use kernel::Problem;
use serde::Serialize;

/// What `If-Match` asks for; nothing when the header is not there.
#[derive(Clone, Debug, Default)]
pub struct IfMatch(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let values: Vec<&str> = parts
            .headers
            .get_all(header::IF_MATCH)
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        Ok(Self((!values.is_empty()).then(|| values.join(","))))
    }
}

impl IfMatch {
    /// 412 `stale` when the record has moved on from what the client saw.
    pub fn check(&self, version: i64) -> Result<(), Problem> {
        let Some(wanted) = &self.0 else {
            return Ok(());
        };
        let current = tag(version);
        let matches = wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag == current);
        if matches {
            Ok(())
        } else {
            Err(Problem::new(412, "stale", "the record has changed since you read it"))
        }
    }
}

fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A record as JSON with its `ETag`.
pub struct Tagged<T> {
    status: StatusCode,
    version: i64,
    body: T,
}

impl<T> Tagged<T> {
    pub const fn new(version: i64, body: T) -> Self {
        Self {
            status: StatusCode::OK,
            version,
            body,
        }
    }

    /// The same as 201.
    pub const fn created(version: i64, body: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            version,
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Ok(tag) = HeaderValue::from_str(&tag(self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(header: &str) -> IfMatch {
        IfMatch(Some(header.to_owned()))
    }

    #[test]
    fn only_the_current_version_or_a_star_matches() {
        assert!(IfMatch::default().check(3).is_ok());
        assert!(asks("*").check(3).is_ok());
        assert!(asks("\"3\"").check(3).is_ok());
        assert!(asks("\"1\", \"3\"").check(3).is_ok());
        for stale in ["\"2\"", "W/\"3\"", "3", "", "\"33\""] {
            assert_eq!(
                asks(stale).check(3).map_err(|problem| problem.status),
                Err(412),
                "{stale}"
            );
        }
    }
}
