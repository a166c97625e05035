//! What a person is told of: on the screen, by web push, and by the other ways that they chose.
//!
//! A producer says whom, what and where to look ([`tell`]); the rows, the events for browsers and the jobs that push are
//! written in the producer's own transaction. Who is concerned is the producer's decision, how each is reached is the
//! person's. What is told of once is known by `(kind, ref_id)`, so that telling it again is harmless.

mod actions;
mod given_up;
pub mod http;
pub mod incidents;
pub mod kinds;
mod mail;
mod preferences;
pub mod push;
pub mod store;

use std::time::Duration;

use platform::jobs::Registry;

pub use actions::{News, managers, settled, take_back, tell};
pub use kinds::Kind;

use crate::AppState;

/// How often jobs that were given up are looked for.
const GIVEN_UP_EVERY: Duration = Duration::from_secs(15);

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<push::SendPush>()
        .with::<mail::MailNews>()
        .every(GIVEN_UP_EVERY, given_up::TellOfGivenUp {})
        .every(store::SWEEP_EVERY, store::SweepNotifications {})
}
