//! The states of an import, a bulk edit, and their undoing.

use serde::Serialize;
use utoipa::ToSchema;

/// How far work on many customers has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    Done,
    /// Given up; what was written until then stays and can be undone.
    Failed,
    Undoing,
    Undone,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Undoing,
        Self::Undone,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    pub fn parse(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.unwrap_or(Self::Failed)
    }

    /// Whether it has come to an end from which it can be undone.
    pub const fn can_be_undone(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}
