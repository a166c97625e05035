//! Saved views: which rows of a list a person wants to see, in which order and columns; one's own or everybody's.

mod body;
pub mod http;
pub mod store;
