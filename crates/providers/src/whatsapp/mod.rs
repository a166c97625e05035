//! Companies that carry WhatsApp, and our own bridge to WhatsApp Web: sending, fetching files, reading webhooks.
//!
//! A message goes out once. Whatever is not certain to have been refused is called `Unknown`: an answer that did not
//! come, that broke off, that cannot be read, and every 5xx. Which company is tried next is not decided here.

pub mod baileys;
mod files;
pub mod meta;
mod once;
mod reading;
pub mod twilio;
