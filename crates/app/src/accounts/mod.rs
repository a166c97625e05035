//! Businesses, the people in them, and how they sign in.

pub mod businesses;
pub mod password;
pub mod sessions;
pub mod setup;
pub mod users;
