//! The outside companies: one folder per contract, one folder per company in it, calls in `mod.rs` and the company's
//! JSON in `wire.rs`.
//!
//! Nothing here sees the database, knows a business, or decides which engine is tried next.

mod audio;
mod client;
mod limits;
pub mod llm;
pub mod mail;
pub mod push;
pub mod stt;
pub mod telephony;
pub mod tts;
pub mod whatsapp;

pub use client::Http;
