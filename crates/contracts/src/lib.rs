//! The shape of each kind of outside company, as small traits. `providers` implements them; `app` calls them.
//!
//! Nothing here knows a company's JSON, and no implementation sees the database.

pub mod audio;
pub mod fault;
pub mod llm;
pub mod mail;
pub mod push;
pub mod stt;
pub mod telephony;
pub mod tts;
pub mod whatsapp;

pub use fault::Fault;
