//! Deals: what a customer may buy, how far it has come through the stages of a pipeline, and how it ended.

pub mod actions;
mod board;
pub mod filter;
mod forecast;
mod hand_over;
mod history;
pub mod http;
mod losses;
pub mod model;
pub mod pipelines;
mod place;
pub mod progress;
pub mod store;
pub mod view;

pub use hand_over::hand_over;
