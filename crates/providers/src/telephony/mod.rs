//! Phone companies.

pub mod twilio;
