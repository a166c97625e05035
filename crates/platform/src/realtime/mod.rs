//! Browsers that listen: Socket.IO at `/ws` and `/socket.io`.
//!
//! A client signs in at the handshake, is then in the rooms `business:{id}` and `user:{id}`, and may join
//! `call:{id}`. Each process hands what the bus tells of to its own sockets. `/ws/twilio-media` shares the prefix and
//! is not ours: [`Realtime::mount`] tells paths apart before either side sees a request. Who a client is, and what it
//! may join, is decided by the product through [`Authenticator`].

mod door;
mod fan_out;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use http::HeaderMap;
use kernel::{BusinessId, CallId, UserId};
use serde::Deserialize;
use serde_json::{Value, json};
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, Extension, SocketRef, State, TryData},
    handler::ConnectHandler,
    service::SocketIoService,
};
use tokio::task::JoinSet;

use crate::{
    bus::Bus,
    db::Db,
    http::{rate_limit::RateLimits, security::Origins},
};

/// The path at which the sockets really are; `/socket.io` is led there.
const PATH: &str = "/ws";
/// The largest message of a client; they send only names of calls.
const LARGEST_MESSAGE: u64 = 16 * 1024;
/// Packets that may wait for one slow browser.
const QUEUE: usize = 256;
/// How many calls one client may follow at a time.
const MOST_CALLS: usize = 64;

/// Who a client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub business: BusinessId,
    pub user: UserId,
    pub session: i64,
    /// The session is another person's, who acts as this one: it lasts when this one is sent away.
    pub acts: bool,
    /// Hears all that its business's room is told. Without it, only what [`Authenticator::hearers`] allows.
    pub sees_all: bool,
}

/// Who of those that do not see everything hears an event of their business's room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hearers {
    Everyone,
    Only(Vec<UserId>),
}

/// Why a client may not listen any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Its session is over: it is told so (`session:ended`) before its socket is closed.
    Ended,
    /// It is somebody else now, or sees something else, and may come back at once.
    Changed,
}

/// The product's part: it knows sessions and calls.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Reads the cookie from the headers, or the token from the client's `auth`.
    async fn authenticate(&self, headers: &HeaderMap, token: Option<&str>) -> Option<Identity>;

    /// Whether the client may follow this call.
    async fn may_follow(&self, identity: &Identity, call: CallId) -> bool;

    /// Whose record an event of a business's room is about. Asked only while somebody listens who does not see everything.
    async fn hearers(&self, business: BusinessId, payload: &Value) -> Hearers;

    /// Which of these clients may not listen any more (session revoked or over, user or business deactivated), and why.
    /// Asked every few seconds for all that are connected, so that a lost message on the bus costs nothing.
    async fn no_longer(&self, identities: &[Identity]) -> Vec<(Identity, Leaves)>;
}

#[derive(Clone)]
pub struct RealtimeSettings {
    /// Which pages may connect.
    pub origins: Origins,
    /// How often one address may open a socket, and one person join a call: as often as they may ask the API.
    pub limits: Arc<RateLimits>,
    /// How often sessions are checked, and how long an event can stay unseen when the bus lost its word.
    pub check: Duration,
}

impl RealtimeSettings {
    pub const fn new(origins: Origins, limits: Arc<RateLimits>) -> Self {
        Self {
            origins,
            limits,
            check: Duration::from_secs(3),
        }
    }
}

/// The sockets of this process. Dropping it stops what hands events to them.
pub struct Realtime {
    service: SocketIoService<door::Elsewhere>,
    io: SocketIo,
    settings: RealtimeSettings,
    tasks: JoinSet<()>,
}

type Doorkeeper = Arc<dyn Authenticator>;

impl Realtime {
    pub fn start(db: &Db, bus: &Bus, authenticator: Arc<dyn Authenticator>, settings: RealtimeSettings) -> Self {
        let (service, io) = SocketIo::builder()
            .req_path(PATH)
            .max_payload(LARGEST_MESSAGE)
            .ws_max_message_size(16 * 1024)
            .ws_max_frame_size(16 * 1024)
            .max_buffer_size(QUEUE)
            .connect_timeout(Duration::from_secs(10))
            .with_state::<Doorkeeper>(Arc::clone(&authenticator))
            .with_state(Arc::clone(&settings.limits))
            .build_with_inner_svc(door::Elsewhere);
        io.ns("/", connected.with(sign_in));
        let mut tasks = JoinSet::new();
        let out = fan_out::FanOut {
            db: db.clone(),
            io: io.clone(),
            authenticator: Arc::clone(&authenticator),
        };
        tasks.spawn(fan_out::run(out, bus.clone(), settings.check));
        tasks.spawn(fan_out::check_sessions(io.clone(), authenticator, settings.check));
        Self {
            service,
            io,
            settings,
            tasks,
        }
    }

    /// Says good-bye to every browser; they connect to another process.
    pub async fn close(mut self) {
        // They would ask for sockets where there is no place for them any more.
        self.tasks.shutdown().await;
        self.io.close().await;
    }
}

#[derive(Deserialize)]
struct Auth {
    token: Option<String>,
}

/// Refuses a client that is nobody. All is ready before the client is told that it is connected, so that it misses
/// nothing from then on, and may ask at once.
async fn sign_in(
    socket: SocketRef,
    TryData(auth): TryData<Auth>,
    State(doorkeeper): State<Doorkeeper>,
) -> Result<(), &'static str> {
    let token = auth.ok().and_then(|auth| auth.token);
    let identity = doorkeeper
        .authenticate(&socket.req_parts().headers, token.as_deref())
        .await
        .ok_or("unauthorized")?;
    socket.on("call:join", follow);
    socket.on("call:leave", unfollow);
    if identity.sees_all {
        socket.join([business_room(identity.business), user_room(identity.user)]);
    } else {
        let rooms = [
            part_room(identity.business),
            own_room(identity.business, identity.user),
            user_room(identity.user),
        ];
        socket.join(rooms);
    }
    socket.extensions.insert(identity);
    Ok(())
}

/// What there is to do was done in [`sign_in`].
async fn connected() {}

#[derive(Deserialize)]
struct Follow {
    call_id: CallId,
}

async fn follow(
    socket: SocketRef,
    TryData(wanted): TryData<Follow>,
    Extension(identity): Extension<Identity>,
    State(doorkeeper): State<Doorkeeper>,
    State(limits): State<Arc<RateLimits>>,
    ack: AckSender,
) {
    let answer = match wanted {
        _ if limits.api_as(identity.user).is_err() => refusal("rate_limited"),
        Err(_) => refusal("missing_field"),
        Ok(_) if socket.rooms().len() >= MOST_CALLS => refusal("too_many_calls"),
        Ok(wanted) if doorkeeper.may_follow(&identity, wanted.call_id).await => {
            socket.join(call_room(wanted.call_id));
            json!({ "ok": true, "call_id": wanted.call_id })
        }
        Ok(_) => refusal("not_found"),
    };
    drop(ack.send(&answer));
}

async fn unfollow(socket: SocketRef, Data(wanted): Data<Follow>, ack: AckSender) {
    socket.leave(call_room(wanted.call_id));
    drop(ack.send(&json!({ "ok": true, "call_id": wanted.call_id })));
}

fn refusal(code: &str) -> Value {
    json!({ "ok": false, "error": code })
}

fn business_room(id: BusinessId) -> String {
    format!("business:{id}")
}

/// Those of a business who do not see everything.
fn part_room(id: BusinessId) -> String {
    format!("business:{id}:part")
}

/// One of [`part_room`], for what is about their own records. Nobody is in a business's room and in one of these.
fn own_room(business: BusinessId, user: UserId) -> String {
    format!("business:{business}:own:{user}")
}

fn user_room(id: UserId) -> String {
    format!("user:{id}")
}

fn call_room(id: CallId) -> String {
    format!("call:{id}")
}
