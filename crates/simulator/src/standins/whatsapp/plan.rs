//! What becomes of a message that was taken.

use serde::{Deserialize, Serialize};

/// Statuses in the order in which they are told, which need not be the order in which they came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    pub statuses: Vec<String>,
    /// How often each is told, at once.
    pub copies: usize,
    /// Before each of them.
    pub delay_ms: u64,
    /// The code beside `failed` and its like.
    pub code: Option<u64>,
    /// Told before the sending itself is answered.
    pub early: bool,
    /// Whether a free text outside of the 24 hours fails, and when: `off`, `refuse` or `fail_later`.
    pub window: Window,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    #[default]
    Off,
    Refuse,
    FailLater,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            statuses: ["sent", "delivered", "read"].map(str::to_owned).to_vec(),
            copies: 1,
            delay_ms: 100,
            code: None,
            early: false,
            window: Window::Off,
        }
    }
}

impl Plan {
    /// Nothing is told by itself.
    pub fn silent() -> Self {
        Self {
            statuses: Vec::new(),
            delay_ms: 0,
            ..Self::default()
        }
    }

    /// What becomes of a message that the window does not let through.
    #[must_use]
    pub fn failing(&self, code: u64) -> Self {
        Self {
            statuses: vec!["failed".to_owned()],
            code: Some(code),
            ..self.clone()
        }
    }
}

/// One status by hand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    /// The carrier's id or the server's.
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub code: Option<u64>,
    #[serde(default = "once")]
    pub copies: usize,
}

const fn once() -> usize {
    1
}
