//! The audit log as people see it, what is refused, and its hourly marks. How it is written stands in `platform::db`.

pub mod http;
pub mod jobs;
pub mod refusals;

pub use refusals::Refusals;
