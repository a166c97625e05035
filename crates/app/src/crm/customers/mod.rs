//! Customers: who they are, by which phones and addresses they are known, and how they are found.

pub mod actions;
pub mod body;
mod changes;
mod filter;
pub mod http;
pub mod identities;
mod learned;
mod lookup;
pub mod model;
pub mod store;
mod values;

#[cfg(test)]
mod tests;
