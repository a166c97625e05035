//! Notes that people write about a customer, with mentions of each other.

pub mod actions;
pub mod http;
pub mod mentions;
pub mod store;
