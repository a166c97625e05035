//! Tasks: what somebody in the business is to do, and by when; when that time comes, its people are told.

pub mod actions;
pub mod alarms;
mod hand_over;
pub mod http;
pub mod model;
mod of_call;
pub mod people;
mod repeats;
mod snooze;
pub mod store;

pub use hand_over::hand_over;
pub use of_call::due_as_wished;
