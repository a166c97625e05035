//! Events for browsers, written in the transaction of what they tell of.
//!
//! An event is stored without a number. The relay numbers what is committed, under a lock, one after another
//! (`event_id`), and says on the bus up to which number events are out; so whoever has seen `event_id` N can ask for
//! what came after it and misses nothing. Published events are kept for a day. This module does not talk to
//! browsers: see [`crate::realtime`].

mod relay;
mod store;
#[cfg(test)]
mod tests;

use kernel::{CallId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::{DbError, WriteTx};

pub use relay::{Relay, RelaySettings};
pub use store::{MOST_PER_READ, PublishedEvent};
pub(crate) use store::{last_published, published_after};

/// Who may hear an event, inside one business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "room", content = "id")]
pub enum Room {
    /// Everybody of the business.
    Business,
    User(UserId),
    /// Who has joined the call's room.
    Call(CallId),
}

impl Room {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::User(_) => "user",
            Self::Call(_) => "call",
        }
    }

    pub(crate) const fn id(self) -> i64 {
        match self {
            Self::Business => 0,
            Self::User(id) => id.get(),
            Self::Call(id) => id.get(),
        }
    }

    pub(crate) fn read(word: &str, id: i64) -> Option<Self> {
        match word {
            "business" => Some(Self::Business),
            "user" => Some(Self::User(id.into())),
            "call" => Some(Self::Call(id.into())),
            _ => None,
        }
    }
}

/// Something that happened. The payload is an object of ids and what a list's row needs, never message bodies.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub room: Room,
    /// For example `call:started`.
    pub name: &'static str,
    pub payload: Value,
}

impl WriteTx {
    /// Writes many events in one statement.
    pub async fn emit_all(&self, events: Vec<Event>) -> Result<(), DbError> {
        if events.is_empty() {
            return Ok(());
        }
        store::insert_all(self.conn(), self.own_business()?, events, self.now()).await?;
        self.wrote().an_event();
        Ok(())
    }

    /// Writes an event; browsers get it after the commit.
    pub async fn emit(&self, event: Event) -> Result<(), DbError> {
        store::insert(self.conn(), self.own_business()?, event, self.now()).await?;
        self.wrote().an_event();
        Ok(())
    }
}
