//! The driver over a real socket, with engines and a desk in memory. The caller's voice is a bundled clip; time is real.

mod conversation;
mod faults;
mod stage;
