//! WhatsApp: what comes in, what goes out, and what becomes of it.

mod answering;
mod fake;
mod inbound;
mod sending;
mod statuses;
