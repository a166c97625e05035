//! How a record is found by what a person types: folded words, phone endings, and words that were mistyped.
//!
//! What is stored and what is looked for is said here without a database; [`tokens`] is the index of texts, customers
//! have theirs, and the queries stand with the records.

mod fold;
pub mod layout;
mod query;
pub mod tokens;
pub mod trigram;
pub mod walk;

pub use fold::{fold, index_tokens, name_key, whole_words, written_words};
pub use query::{Chunk, PhoneEnding, parse};

#[cfg(test)]
mod tests;
