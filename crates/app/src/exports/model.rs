//! The states of an archive.

use serde::Serialize;
use utoipa::ToSchema;

/// How far an archive has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExportStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Running,
    Done,
    Failed,
    /// It was there for a day and is deleted.
    Expired,
}

impl Status {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Expired];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.unwrap_or(Self::Failed)
    }
}
