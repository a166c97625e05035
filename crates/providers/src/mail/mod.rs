//! Companies that take letters.

pub mod smtp;
