//! Customers: who they are, by which phones and addresses they are known, and how they are found.

pub mod actions;
pub mod body;
pub(in crate::crm) mod changes;
pub mod filter;
mod forget;
pub mod http;
mod http_history;
pub mod identities;
pub mod jobs;
mod json_filter;
mod learned;
mod lookup;
pub mod merge;
pub mod merges;
pub mod model;
pub mod places;
pub mod removal;
pub mod statuses;
pub mod store;
mod undo;
mod values;
mod words;

#[cfg(test)]
mod tests;
