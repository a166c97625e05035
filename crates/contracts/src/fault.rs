//! How an outside company fails, in the five ways that matter to whoever called it.

/// A failed call to a provider.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It understood and said no (card declined, number blocked). Not to be retried.
    #[error("declined: {0}")]
    Declined(String),
    /// Our request was wrong in its eyes. Not to be retried unchanged.
    #[error("rejected: {0}")]
    Rejected(String),
    /// It certainly did not take the request: not reachable, overloaded, limited. May be retried.
    #[error("unavailable: {message}")]
    Unavailable {
        message: String,
        /// What `Retry-After` said, in seconds.
        retry_after_seconds: Option<u64>,
    },
    /// The request went out and no readable answer came: it may have been taken. Never retried blindly.
    #[error("unknown: {0}")]
    Unknown(String),
    /// A key or setting is missing or refused.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
}

impl Fault {
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable {
            message: message.into(),
            retry_after_seconds: None,
        }
    }

    /// A short word for logs and metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Declined(_) => "declined",
            Self::Rejected(_) => "rejected",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown(_) => "unknown",
            Self::Misconfigured(_) => "misconfigured",
        }
    }
}
