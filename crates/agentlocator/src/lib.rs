//! The server as a library: its settings, its wiring and its commands. `main.rs` only hands over, so that the same
//! pieces serve the tests.

mod bridge;
mod carriers;
pub mod commands;
pub mod config;
pub mod database;
mod engines;
mod layers;
mod process;
mod spa;
pub mod wire;
