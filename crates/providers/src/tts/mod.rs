//! Synthesisers.

mod begun;
pub mod espeak;
pub mod gtts;
pub mod openai;
mod split;
