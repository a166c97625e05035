//! Tasks: what somebody in the business is to do, and by when.
//!
//! No alarms here: a task only says when it is due.

pub mod actions;
pub mod http;
pub mod model;
pub mod store;
