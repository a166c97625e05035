//! Whole calls in virtual time.

mod agent;
mod any_order;
mod failures;
mod scene;
mod script;
mod turns;
