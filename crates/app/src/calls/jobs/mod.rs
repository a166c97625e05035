//! What is done about calls in the background.

mod after;
mod orphans;
mod recordings;

use std::time::Duration;

use platform::jobs::Registry;

pub use after::{AfterCall, after_call, transcript};
pub use orphans::{FindEnds, keep_alive_forever};
pub use recordings::{FetchRecording, store_stream};

use crate::AppState;

/// How often calls without a sign of life are looked for.
const ORPHANS_EVERY: Duration = Duration::from_secs(30);

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<FetchRecording>()
        .with::<AfterCall>()
        .every(ORPHANS_EVERY, FindEnds {})
}
