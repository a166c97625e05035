//! The words that every other crate shares: ids, scope, permissions, phones, clock, problems.
//!
//! No IO happens here, and nothing here knows of HTTP, SQL or any outside company.

mod address;
mod clock;
mod id;
mod permission;
mod phone;
mod pii;
mod problem;
mod scope;
mod tax_id;

pub use address::is_public_address;
pub use clock::{Clock, TestClock};
pub use id::{BusinessId, CallId, CustomerId, Id, RecordId, TaskId, TimelineId, UserId};
pub use permission::{Module, Permission, PermissionSet, Role};
pub use phone::{Phone, PhoneError, hidden_caller};
pub use pii::{Pii, mask_phone};
pub use problem::{FieldError, Problem};
pub use scope::{Actor, Reach, Scope, Visibility};
pub use tax_id::tax_id;

/// A setting or credential that prints as `[redacted]`.
pub use secrecy::{ExposeSecret, SecretString};
