//! Recognisers.

pub mod openai;
