//! Customers: who they are, by which phones and addresses they are known, and how they are found.

pub mod actions;
pub mod batch;
pub mod body;
pub(in crate::crm) mod changes;
pub mod filter;
mod forget;
mod former;
pub mod found;
mod hand_over;
pub mod http;
mod http_history;
pub mod identities;
pub mod jobs;
mod json_filter;
mod learned;
pub mod lookup;
pub mod merge;
pub mod merges;
pub mod model;
pub mod places;
pub mod removal;
pub mod statuses;
pub mod store;
mod undo;
pub mod values;
pub mod vocabulary;
mod words;

pub use hand_over::hand_over;

#[cfg(test)]
mod tests;
