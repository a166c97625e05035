//! Hands what the bus tells of to the sockets of this process.

use std::{sync::Arc, time::Duration};

use kernel::BusinessId;
use serde_json::{Value, json};
use socketioxide::SocketIo;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

use super::{Authenticator, Hearers, Identity, Leaves, business_room, call_room, own_room, part_room, user_room};
use crate::{
    bus::{Bus, Heard, Revocation},
    db::Db,
    outbox::{self, MOST_PER_READ, Room},
};

/// Clients that are asked about in one question.
const CHECKED_AT_ONCE: usize = 500;

/// The last that a client hears whose session is over.
const ENDED: &str = "session:ended";

/// What handing events out needs.
pub(super) struct FanOut {
    pub db: Db,
    pub io: SocketIo,
    pub authenticator: Arc<dyn Authenticator>,
}

/// Listens for as long as the process runs.
pub(super) async fn run(out: FanOut, bus: Bus, check: Duration) {
    let FanOut { db, io, .. } = &out;
    let mut heard = bus.listen();
    let mut look = interval(check);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = first(db).await;
    loop {
        let next = tokio::select! {
            next = heard.recv() => next,
            _ = look.tick() => Ok(Heard::Published(None)),
        };
        match next {
            Ok(Heard::Published(Some(up_to))) if up_to <= last => {}
            // Who connects after an event was out asks for the records themselves.
            Ok(Heard::Published(Some(up_to))) if io.sockets().is_empty() => last = up_to,
            Ok(Heard::Published(_)) | Err(RecvError::Lagged(_)) => last = out.hand_out(last).await,
            Ok(Heard::Ephemeral(_)) if io.sockets().is_empty() => {}
            Ok(Heard::Ephemeral(message)) => {
                out.emit(message.room, message.business, &message.name, message.payload, None)
                    .await;
            }
            Ok(Heard::Revoked(revocation)) => revoke(io, revocation),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Where this process begins: what was out before it started is not news.
async fn first(db: &Db) -> i64 {
    loop {
        match outbox::last_published(db).await {
            Ok(last) => return last,
            Err(err) => {
                tracing::warn!(error = %err.cause(), "the outbox can not be read");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

impl FanOut {
    /// Emits what is out after `last`, and gives the new last number.
    async fn hand_out(&self, mut last: i64) -> i64 {
        loop {
            let events = match outbox::published_after(&self.db, last).await {
                Ok(events) => events,
                Err(err) => {
                    tracing::warn!(error = %err.cause(), "the outbox can not be read");
                    return last;
                }
            };
            let full = u64::try_from(events.len()).is_ok_and(|read| read >= MOST_PER_READ);
            for event in events {
                last = last.max(event.event_id);
                let (business, id) = (event.business_id.into(), Some(event.event_id));
                self.emit(event.room, business, &event.name, event.payload, id).await;
            }
            if !full {
                return last;
            }
        }
    }

    async fn emit(&self, room: Room, business: BusinessId, name: &str, mut payload: Value, event_id: Option<i64>) {
        let rooms = match room {
            Room::Business => self.rooms_of(business, &payload).await,
            Room::User(id) => vec![user_room(id)],
            Room::Call(id) => vec![call_room(id)],
        };
        if let Value::Object(members) = &mut payload {
            members.insert("event_id".to_owned(), event_id.into());
        }
        if let Err(err) = self.io.to(rooms).emit(name, &payload).await {
            // A browser that reads too slowly misses it and asks `GET /api/events` for what it missed.
            tracing::debug!(error = %err, event = name, "an event did not reach every browser");
            metrics::counter!("realtime_undelivered_total").increment(1);
        }
    }

    /// The business's room, and of those who do not see everything whoever the event is for.
    async fn rooms_of(&self, business: BusinessId, payload: &Value) -> Vec<String> {
        let mut rooms = vec![business_room(business)];
        if self.io.to(part_room(business)).sockets().is_empty() {
            return rooms;
        }
        match self.authenticator.hearers(business, payload).await {
            Hearers::Everyone => rooms.push(part_room(business)),
            Hearers::Only(users) => rooms.extend(users.into_iter().map(|user| own_room(business, user))),
        }
        rooms
    }
}

fn revoke(io: &SocketIo, revocation: Revocation) {
    disconnect(io, |identity| {
        let (concerned, why) = match revocation {
            Revocation::Session(session) => (identity.session == session, Leaves::Ended),
            Revocation::User(user) => (identity.user == user, without_person(identity)),
            Revocation::Business(business) => (identity.business == business, without_person(identity)),
            Revocation::Changed(session) => (identity.session == session, Leaves::Changed),
        };
        concerned.then_some(why)
    });
}

/// What is left of a session when the person, or the whole business, is sent away.
const fn without_person(identity: &Identity) -> Leaves {
    if identity.acts { Leaves::Changed } else { Leaves::Ended }
}

fn disconnect(io: &SocketIo, which: impl Fn(&Identity) -> Option<Leaves>) {
    for socket in io.sockets() {
        let identity = socket.extensions.get::<Identity>();
        let Some(why) = identity.and_then(|identity| which(&identity)) else {
            continue;
        };
        tracing::info!(socket = %socket.id, ?why, "disconnecting a client that may not listen any more");
        if why == Leaves::Ended {
            drop(socket.emit(ENDED, &json!({})));
        }
        drop(socket.disconnect());
    }
}

/// Asks again and again whether those who listen still may.
pub(super) async fn check_sessions(io: SocketIo, authenticator: Arc<dyn Authenticator>, every: Duration) {
    let mut tick = interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let sockets = io.sockets();
        let clients = u32::try_from(sockets.len()).unwrap_or(u32::MAX);
        metrics::gauge!("realtime_clients").set(clients);
        let connected: Vec<Identity> = sockets
            .iter()
            .filter_map(|socket| socket.extensions.get::<Identity>())
            .collect();
        for some in connected.chunks(CHECKED_AT_ONCE) {
            let gone = authenticator.no_longer(some).await;
            if !gone.is_empty() {
                disconnect(&io, |identity| {
                    let left = gone.iter().find(|(left, _)| left == identity);
                    left.map(|(_, why)| *why)
                });
            }
        }
    }
}
