//! What the platform gives to every business that has nothing of its own: prompts, templates, greetings.
//!
//! Written by an admin. The agent's prompt (`prompts/agent`) and the greetings reach calls through
//! [`crate::calls::directory`]; templates are read by whoever sends messages.

pub mod http;
pub mod store;

pub use store::Defaults;
