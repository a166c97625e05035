//! How a record is found by what a person types: folded words and phone endings.
//!
//! Pure: it says what to store and what to look for. Queries stand with the records.

mod fold;
mod query;

pub use fold::{fold, index_tokens, name_key};
pub use query::{Chunk, PhoneEnding, parse};

#[cfg(test)]
mod tests;
