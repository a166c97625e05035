//! What comes in from outside and goes out again, by channel.

pub mod voice;
pub mod whatsapp;
