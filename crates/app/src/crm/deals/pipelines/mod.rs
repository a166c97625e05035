//! Pipelines: the stages that a deal goes through, each with how likely it is then to be won.

mod actions;
pub mod http;
mod stages;
pub mod store;
mod usual;

pub use usual::{ensure, usual};
