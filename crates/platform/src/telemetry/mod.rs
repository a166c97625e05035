//! What the operator sees: logs, request lines, metrics.
//!
//! Secrets, tokens and message bodies are never given to a log; phone numbers are masked by their types, and once
//! more in the writer, so that a slip shows no number.

mod logs;
mod mask;
mod metrics;
mod requests;

pub use logs::{LogFormat, LogGuard, LogSettings, init};
pub use metrics::{Metrics, Readers};
pub use requests::{middleware as requests, note_caller, note_route};
