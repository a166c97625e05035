//! What processes tell one another: that events are out, what is too fleeting to store, commands to a call, and that
//! a session has ended.
//!
//! On SQLite there is one process and the bus is a channel inside it. On PostgreSQL everything also goes over
//! `NOTIFY`. Nothing on the bus is stored: whoever was not listening reads the outbox instead. Messages that tell of
//! records carry ids only.

mod commands;
mod postgres;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use kernel::{BusinessId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{db::Db, http::request_id, outbox::Room};

pub use commands::{CallCommand, CallCommandKind, CommandAnswer, CommandHandler, Delivery};
pub(crate) use postgres::notify_published;

/// Messages that a slow listener of this process may fall behind before it has to read the outbox.
const LOCAL_QUEUE: usize = 1024;

/// What a listener in this process hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Events are out up to this number; `None` when it is not known (after a lost connection).
    Published(Option<i64>),
    Ephemeral(Ephemeral),
    Revoked(Revocation),
}

/// A message to browsers that is not stored: a partial transcript, a level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ephemeral {
    pub business: BusinessId,
    #[serde(flatten)]
    pub room: Room,
    pub name: String,
    pub payload: Value,
}

/// Who may not listen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    Session(i64),
    User(UserId),
    Business(BusinessId),
    /// The session goes on as somebody else; it may listen again at once.
    Changed(i64),
}

/// One message between processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wire {
    Published(i64),
    Ephemeral(Ephemeral),
    Revoked(Revocation),
    Command {
        id: String,
        command: CallCommand,
    },
    Answer {
        id: String,
        answer: CommandAnswer,
    },
    /// Nothing; shows that the connection lives.
    Beat,
}

/// The bus. Cheap to clone.
#[derive(Clone)]
pub struct Bus(Arc<Inner>);

struct Inner {
    /// This process, so that it does not hear itself twice.
    here: String,
    local: broadcast::Sender<Heard>,
    remote: Option<postgres::Remote>,
    commands: commands::Commands,
    closed: CancellationToken,
}

impl Bus {
    /// The bus of a database: between processes on PostgreSQL, inside this one on SQLite.
    pub fn start(db: &Db) -> Self {
        let remote = db.is_postgres().then(postgres::Remote::new);
        let (remote, outgoing) = remote.unzip();
        let bus = Self(Arc::new(Inner {
            here: request_id::fresh(),
            local: broadcast::channel(LOCAL_QUEUE).0,
            remote,
            commands: commands::Commands::default(),
            closed: CancellationToken::new(),
        }));
        if let Some(outgoing) = outgoing {
            postgres::start(&bus, db.url(), outgoing);
        }
        bus
    }

    /// What is said from now on. After `Lagged` a listener reads the outbox.
    pub fn listen(&self) -> broadcast::Receiver<Heard> {
        self.0.local.subscribe()
    }

    /// Sends browsers something that is not stored. It may be lost; across processes it must fit into 7,900 bytes.
    pub fn ephemeral(&self, business: BusinessId, room: Room, name: impl Into<String>, payload: Value) {
        let message = Ephemeral {
            business,
            room,
            name: name.into(),
            payload,
        };
        if let Some(remote) = &self.0.remote {
            remote.try_send(Wire::Ephemeral(message.clone()));
        }
        self.say(Heard::Ephemeral(message));
    }

    /// Ends the sockets of a session, a person or a business, in every process. All but [`Revocation::Changed`] are told
    /// that their session is over.
    pub fn revoke(&self, revocation: Revocation) {
        if let Some(remote) = &self.0.remote {
            remote.try_send(Wire::Revoked(revocation));
        }
        self.say(Heard::Revoked(revocation));
    }

    /// This process has published events; the others learn it from the database, in the same transaction.
    pub(crate) fn published_here(&self, up_to: i64) {
        self.say(Heard::Published(Some(up_to)));
    }

    /// Stops listening to other processes.
    pub fn close(&self) {
        self.0.closed.cancel();
    }

    fn say(&self, heard: Heard) {
        // Nobody may be listening; that is no fault.
        drop(self.0.local.send(heard));
    }

    /// Takes in a message of another process.
    fn take(&self, message: Wire) {
        match message {
            Wire::Published(up_to) => self.say(Heard::Published(Some(up_to))),
            Wire::Ephemeral(message) => self.say(Heard::Ephemeral(message)),
            Wire::Revoked(revocation) => self.say(Heard::Revoked(revocation)),
            Wire::Command { id, command } => self.carry_out_for_another(id, command),
            Wire::Answer { id, answer } => self.0.commands.answered(&id, answer),
            Wire::Beat => {}
        }
    }
}
