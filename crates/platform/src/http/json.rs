//! JSON bodies whose every fault has a clear answer.

use std::fmt::Display;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
};
use http::header;
use kernel::{FieldError, Problem};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ApiError, fields::has_nul};

/// How deep a document may be nested.
const DEEPEST: usize = 32;

/// A JSON body of the shape `T`.
///
/// 415 for another content type, 400 `invalid_json` and `json_too_deep`, 400 `missing_field` for a required field that
/// is not there or blank, 422 for a field that is unknown, of the wrong type, or has a NUL anywhere in it.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        check_content_type(&request)?;
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unreadable(&rejection))?;
        Ok(Self(parse(&body)?))
    }
}

fn check_content_type(request: &Request) -> Result<(), Problem> {
    let essence = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/json") => Ok(()),
        Some(other) if other.starts_with("application/") && other.ends_with("+json") => Ok(()),
        _ => Err(Problem::new(415, "unsupported_media_type", "send application/json")),
    }
}

pub(super) fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status().as_u16() == 413 {
        Problem::new(413, "too_large", "the body is too large")
    } else {
        Problem::malformed("invalid_body", "the body could not be read")
    }
}

/// Reads a document; public for bodies that come another way than by [`ApiJson`].
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if depth(body) > DEEPEST {
        return Err(Problem::malformed(
            "json_too_deep",
            format!("the document is nested deeper than {DEEPEST}"),
        ));
    }
    let value: Value =
        serde_json::from_slice(body).map_err(|err| Problem::malformed("invalid_json", format!("not JSON: {err}")))?;
    let Value::Object(members) = &value else {
        return Err(Problem::new(422, "invalid", "a JSON object is wanted"));
    };
    if let Some((name, _)) = members
        .iter()
        .find(|(name, value)| name.contains('\0') || has_nul(value))
    {
        return Err(Problem::invalid(name, "invalid_characters", "contains a NUL character"));
    }
    T::deserialize(value).map_err(|err| explain(&err))
}

/// The deepest nesting of brackets outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut deepest, mut now, mut in_text, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in body {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_text = false,
            (false, b'"') => in_text = true,
            (false, b'{' | b'[') => {
                now += 1;
                deepest = deepest.max(now);
            }
            (false, b'}' | b']') => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// serde's complaint as a problem with the field's name in it.
fn explain(err: &impl Display) -> Problem {
    let message = err.to_string();
    let named = |prefix: &str| -> Option<String> {
        let rest = message.strip_prefix(prefix)?;
        Some(rest.split('`').next().unwrap_or_default().to_owned())
    };
    if let Some(field) = named("missing field `") {
        return Problem::missing(&field);
    }
    if let Some(field) = named("unknown field `") {
        return Problem::invalid(&field, "unknown_field", "there is no such field");
    }
    let mut problem = Problem::new(422, "invalid", message.clone());
    problem.errors.push(FieldError {
        field: String::new(),
        code: "wrong_type".to_owned(),
        message,
    });
    problem
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
    }

    fn code(body: &str) -> (u16, &'static str) {
        match parse::<Sample>(body.as_bytes()) {
            Ok(sample) => panic!("{} was taken", sample.name),
            Err(problem) => (problem.status, problem.code),
        }
    }

    #[test]
    fn each_fault_has_its_answer() {
        assert_eq!(code(""), (400, "invalid_json"));
        assert_eq!(code("{"), (400, "invalid_json"));
        assert_eq!(code("{}"), (400, "missing_field"));
        assert_eq!(code("[]"), (422, "invalid"));
        assert_eq!(code(r#"{"name":1}"#), (422, "invalid"));
        assert_eq!(code(r#"{"name":"a","x":1}"#), (422, "invalid"));
        assert_eq!(code(r#"{"name":"a\u0000"}"#), (422, "invalid"));
        assert_eq!(code(r#"{"name":"a","x":{"y":["\u0000"]}}"#), (422, "invalid"));
        assert_eq!(code(r#"{"name":"a","\u0000":1}"#), (422, "invalid"));
        assert_eq!(code(&"[".repeat(40)), (400, "json_too_deep"));
    }

    #[test]
    fn what_only_looks_like_a_nul_is_taken() {
        assert!(parse::<Sample>(br#"{"name":"\\u0000"}"#).is_ok());
    }

    #[test]
    fn brackets_in_text_are_not_depth() {
        let text = format!(r#"{{"name":"{}\"["}}"#, "[".repeat(100));
        assert!(parse::<Sample>(text.as_bytes()).is_ok());
    }
}
