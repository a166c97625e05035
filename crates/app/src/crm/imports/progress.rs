//! Tells screens how far long work has come.

use std::time::Duration;

use kernel::{BusinessId, Problem};
use platform::{
    bus::Bus,
    db::WriteTx,
    outbox::{Event, Room},
};
use serde_json::Value;
use tokio::time::Instant;

/// Not oftener than this.
const EVERY: Duration = Duration::from_millis(500);

/// The progress of one piece of work.
pub struct Progress {
    bus: Bus,
    business: BusinessId,
    name: &'static str,
    last: Option<Instant>,
}

impl Progress {
    /// `name` is the event's, for example `import:progress`.
    pub const fn new(bus: Bus, business: BusinessId, name: &'static str) -> Self {
        Self {
            bus,
            business,
            name,
            last: None,
        }
    }

    /// Tells of it unless that was done just now. It is not stored: the record itself says it, too.
    pub fn tell(&mut self, payload: Value) {
        let now = Instant::now();
        if self.last.is_some_and(|last| now - last < EVERY) {
            return;
        }
        self.last = Some(now);
        self.bus.ephemeral(self.business, Room::Business, self.name, payload);
    }

    /// The last word, which is stored like any event.
    pub async fn end(&self, tx: &WriteTx, payload: Value) -> Result<(), Problem> {
        tx.emit(Event {
            room: Room::Business,
            name: self.name,
            payload,
        })
        .await?;
        Ok(())
    }
}
