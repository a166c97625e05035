//! A new password by a link in a mail: one use, thirty minutes.

pub mod actions;
pub mod http;
pub mod jobs;
pub mod store;
