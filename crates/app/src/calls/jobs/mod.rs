//! What is done about calls in the background.

mod after;
mod orphans;
mod people;
mod recordings;

use std::time::Duration;

use platform::jobs::Registry;

pub use after::{AfterCall, transcript};
pub use orphans::{FindEnds, keep_alive_forever};
pub use people::{Bridge, NOT_YET_PLACED, PlaceCall, RingPerson};
pub use recordings::{FetchRecording, rescue_recordings_forever, store_stream};

use crate::AppState;

/// How often calls without a sign of life are looked for.
const ORPHANS_EVERY: Duration = Duration::from_secs(30);

/// Adds the kinds of work of this subject.
pub fn register(registry: Registry<AppState>) -> Registry<AppState> {
    registry
        .with::<FetchRecording>()
        .with::<AfterCall>()
        .with::<RingPerson>()
        .with::<Bridge>()
        .with::<PlaceCall>()
        .every(ORPHANS_EVERY, FindEnds {})
}
