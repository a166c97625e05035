//! The agent's core: what is heard and said in a conversation, without any input or output.
//!
//! Sockets, engines, the database and the clock belong to `app`; it turns them into inputs and carries effects out.

pub mod call;
pub mod chat;
pub mod prompt;
pub mod script;
pub mod sentences;
pub mod tools;
pub mod wishes;
