//! Sign-in: sessions, access tokens, rotating refresh tokens, and the caller of a request.

pub mod actions;
pub mod caller;
mod device;
pub mod http;
pub mod known;
pub mod list;
pub mod store;
pub mod tokens;

pub use caller::Caller;
