//! What changes calls. Each is done inside the caller's transaction, together with its timeline entry, its events and
//! its jobs, and doing it twice is the same as doing it once.

mod arrival;
mod caller;
mod line;
mod locked;
mod outcome;
mod outgoing;
mod recorded;
mod shown;
mod turns;
mod work;

pub use arrival::{Announced, Noted, note, note_known};
pub use line::{plan, planned};
pub use locked::{by_id, by_sid};
pub use outcome::{hear_status, person_spoke, person_wanted, settle};
pub use outgoing::{NOT_YET_PLACED, Placing, place, placed, try_out};
pub use recorded::{Recorded, keep_recording};
pub use shown::{audit, event, show};
pub use turns::{turns, write_turn};
pub use work::{claim, handle, link, unhandle, unlink};
