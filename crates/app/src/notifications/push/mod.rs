//! Web push: which devices a person registered, and sending to them.

pub mod http;
pub mod keys;
mod payload;
mod send;
pub mod store;

pub use send::SendPush;
