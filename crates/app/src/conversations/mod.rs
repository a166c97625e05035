//! What the conversation's core needs of the product: the agent's tools.
//!
//! The core itself is the crate `conversation`; a call's driver stands in [`crate::channels::voice::media`].

pub mod tools;
