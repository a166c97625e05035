//! People who sign in: made, invited, changed, and sent away with their work handed to somebody else.

pub mod actions;
pub mod changes;
pub mod http;
pub mod invitations;
mod invite_http;
pub mod store;
