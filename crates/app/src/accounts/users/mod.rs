//! People who sign in.

pub mod actions;
pub mod http;
pub mod store;
