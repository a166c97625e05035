//! Language models.

pub mod openai;
