//! Tasks: what somebody in the business is to do, and by when.
//!
//! No alarms here: a task only says when it is due.

pub mod actions;
mod hand_over;
pub mod http;
pub mod model;
pub mod store;

pub use hand_over::hand_over;
