//! Customers: who they are, by which phones and addresses they are known, and how they are found.

pub mod actions;
pub mod body;
mod changes;
mod filter;
mod hand_over;
pub mod http;
pub mod identities;
mod learned;
mod lookup;
pub mod model;
pub mod store;
mod values;

pub use hand_over::hand_over;

#[cfg(test)]
mod tests;
