//! What went wrong, in a form that a client can read (RFC 9457).

use serde::Serialize;

/// One field that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path of the field, for example `lines[2].quantity`.
    pub field: String,
    /// Stable snake_case code.
    pub code: String,
    pub message: String,
}

/// An error with an HTTP status and a stable code. The web layer renders it as `application/problem+json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub status: u16,
    /// Stable snake_case code, the member `error`.
    pub code: &'static str,
    pub detail: String,
    pub errors: Vec<FieldError>,
    /// Further members of the document (for example `existing_id`).
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// `Retry-After`, in seconds.
    pub retry_after_seconds: Option<u64>,
}

impl Problem {
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            extra: serde_json::Map::new(),
            retry_after_seconds: None,
        }
    }

    /// 400: the request is malformed.
    pub fn malformed(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(400, code, detail)
    }

    /// 400 `missing_field`.
    pub fn missing(field: &str) -> Self {
        let mut problem = Self::new(400, "missing_field", format!("{field} is required"));
        problem.errors.push(FieldError {
            field: field.to_owned(),
            code: "required".to_owned(),
            message: format!("{field} is required"),
        });
        problem
    }

    /// 401 `unauthorized`.
    pub fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "sign in first")
    }

    /// 403 `forbidden`.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", detail)
    }

    /// 403 `impersonating`: what belongs to a person alone is not an admin's who acts as them.
    pub fn impersonating() -> Self {
        Self::new(
            403,
            "impersonating",
            "an admin who acts as somebody else does not touch what is theirs alone",
        )
    }

    /// 404 `not_found`; also the answer for another business's record.
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "there is no such record")
    }

    /// 409: it contradicts what is already there.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(409, code, detail)
    }

    /// 422 `invalid` about one field.
    pub fn invalid(field: &str, code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(422, "invalid", format!("{field}: {message}"));
        problem.errors.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            message,
        });
        problem
    }

    /// 500 `internal`: the cause is logged by whoever makes this, and never shown.
    pub fn internal() -> Self {
        Self::new(500, "internal", "something went wrong on our side")
    }

    /// 501 `provider_not_configured`, naming the settings that are missing.
    pub fn not_configured(missing: &[&str]) -> Self {
        Self::new(
            501,
            "provider_not_configured",
            format!("not configured: {}", missing.join(", ")),
        )
        .with("missing", missing.into())
    }

    #[must_use]
    pub fn with(mut self, member: &str, value: serde_json::Value) -> Self {
        self.extra.insert(member.to_owned(), value);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)
    }
}

impl std::error::Error for Problem {}
