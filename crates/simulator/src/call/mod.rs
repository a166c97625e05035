//! One simulated call: follows what the server's TwiML says, talks as the caller, listens, and writes down what happened.

mod caller;
mod dial;
mod follow;
mod gather;
mod line;
mod plan;
mod play;
pub(crate) mod player;
mod record;
mod stream;
pub(crate) mod tape;

pub use caller::{Agent, Caller, Doing, Manners, Spoken, Step};
pub use follow::place;
pub use plan::{Answering, DialResult, Options, Paths, Plan};
pub use player::Player;

#[cfg(test)]
mod tests;
