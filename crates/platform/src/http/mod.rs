//! HTTP manners that every route shares: errors, request ids, lists, JSON bodies, limits, security, and our own requests.

pub mod client_address;
pub mod error;
pub mod etag;
pub mod fields;
pub mod idempotency;
pub mod json;
pub mod list;
pub mod nul;
pub mod outgoing;
pub mod path;
pub mod range;
pub mod rate_limit;
pub mod request_id;
pub mod security;
pub mod server;

pub use error::ApiError;
pub use etag::{IfMatch, Tagged};
pub use json::ApiJson;
pub use path::PathId;
