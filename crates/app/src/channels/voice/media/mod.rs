//! The media socket: Twilio's stream of a call (or a browser's, for a test call) meets the conversation.
//!
//! ```text
//! socket ─ wire ─ codec ─ vad ─► conversation::call ─► engines ─ playout ─ wire ─► socket
//!                    └ tape, recording ┘      └ clerk ► calls, tools
//! ```
//!
//! A frame becomes words like this: [`driver`] decodes it, asks [`vad`] whether it is speech, and tells the conversation;
//! when that takes a turn for finished, the stretch is cut out of [`tape`] and given to a recogniser in [`engines`].

mod clerk;
pub mod codec;
pub mod desk;
pub mod driver;
pub mod engines;
mod levels;
mod office;
mod opening;
mod playout;
pub mod recording;
mod rescue;
pub mod socket;
mod switchboard;
mod tape;
mod telemetry;
#[cfg(test)]
mod tests;
mod vad;
mod waiting;
pub mod wire;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{OriginalUri, State, WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use platform::{bus::Bus, http::client_address::ClientAddress};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

pub use rescue::rescue_forever;
pub use switchboard::Switchboard;

use self::{
    engines::Studio,
    socket::Refusal,
    waiting::{Seat, WaitingRoom},
    wire::{Incoming, Start},
};
use super::door::{self, Upgrade};
use crate::{
    App, AppState, Engines,
    calls::live::{self, LiveCall, Refused},
};

/// Where sockets write their recordings while a call runs, below `DATA_DIR`.
const LIVE_RECORDINGS: &str = "live";
/// A socket that has not shown its token is closed after this.
const ADMISSION: Duration = Duration::from_secs(5);
/// For calls that were given up, to note their end.
const LAST_WORDS: Duration = Duration::from_secs(15);
/// What it may send until then.
const ADMISSION_BYTES: usize = 8 * 1024;
/// Buffers of one socket; the library's own default is 128 KiB each.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 8 * 1024;
const MOST_WRITE_BUFFER: usize = 128 * 1024;

/// What the calls of this process share.
pub struct Media {
    pub studio: Arc<Studio>,
    pub switchboard: Switchboard,
    waiting: Arc<WaitingRoom>,
    given_up: CancellationToken,
}

impl Media {
    /// Commands from the bus find their calls from here on.
    pub fn new(engines: Engines, bus: &Bus) -> Self {
        let switchboard = Switchboard::default();
        bus.answer_commands(Arc::new(switchboard.clone()));
        Self {
            studio: Arc::new(Studio::new(engines)),
            switchboard,
            waiting: Arc::default(),
            given_up: CancellationToken::new(),
        }
    }

    /// The process ends: running calls may go on for this long; then they go over to the recording flow.
    pub async fn drain(&self, limit: Duration) {
        if timeout(limit, self.switchboard.emptied()).await.is_err() {
            tracing::warn!(
                calls = self.switchboard.len(),
                "calls that still run go over to the recording flow"
            );
            self.given_up.cancel();
            let _ = timeout(LAST_WORDS, self.switchboard.emptied()).await;
        }
    }
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .route("/ws/twilio-media", get(connect))
        .route("/ws/twilio-media/", get(connect))
}

async fn connect(
    State(app): State<AppState>,
    OriginalUri(uri): OriginalUri,
    from: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let signed = door::verify_upgrade(&app, target, &headers);
    let from = from.map(|Extension(ClientAddress(address))| address);
    let Some(seat) = app.media.waiting.enter(signed, from) else {
        metrics::counter!("voice_socket_refused_total", "reason" => "too_many_waiting").increment(1);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MOST_WRITE_BUFFER)
        .max_message_size(socket::MOST_BYTES)
        .max_frame_size(socket::MOST_BYTES)
        .on_upgrade(async move |socket| {
            if signed == Upgrade::SignedWrong {
                socket::refuse(socket, Refusal::Token).await;
            } else {
                Box::pin(serve(app, socket, seat)).await;
            }
        })
}

/// One socket from its first message to its last. It keeps its seat until it is let in, or closed.
async fn serve(app: AppState, mut socket: WebSocket, seat: Seat) {
    match admit(&app, &mut socket).await {
        Ok(Some((start, live))) => {
            drop(seat);
            let (_plugged, commands) = app.media.switchboard.plug(live.business.id, live.call_id);
            let opening = opening::of(&app, start, live, commands, app.media.given_up.clone()).await;
            telemetry::started(&opening.facts, &opening.stream_sid);
            let finished = driver::run(&mut socket, opening).await;
            end(socket, finished.outcome).await;
            finished.keep_recording().await;
        }
        Ok(None) => end(socket, Ok(())).await,
        Err(refusal) => end(socket, Err(refusal)).await,
    }
}

async fn end(socket: WebSocket, outcome: Result<(), Refusal>) {
    match outcome {
        Ok(()) => socket::close(socket).await,
        Err(refusal) => socket::refuse(socket, refusal).await,
    }
}

/// Waits for the start with its token. `None` when the other side goes away before.
async fn admit(app: &App, socket: &mut WebSocket) -> Result<Option<(Start, LiveCall)>, Refusal> {
    let Ok(start) = timeout(ADMISSION, first_start(socket)).await else {
        return Err(Refusal::Token);
    };
    let Some(start) = start? else {
        return Ok(None);
    };
    let admitted = door::admit_token(app, &start.call_sid, &start.token).ok_or(Refusal::Token)?;
    let scope = |business, call| door::agent_scope(&admitted, business, call);
    match Box::pin(live::admit(app, &start.call_sid, scope)).await {
        Ok(call) => Ok(Some((start, call))),
        Err(Refused::UnknownCall) => Err(Refusal::Token),
        Err(Refused::NotNow) => Err(Refusal::NotNow),
        Err(Refused::Unavailable) => Err(Refusal::Unavailable),
    }
}

async fn first_start(socket: &mut WebSocket) -> Result<Option<Start>, Refusal> {
    let mut held = 0;
    while let Some(text) = socket::next(socket).await? {
        held += text.len();
        if held > ADMISSION_BYTES {
            return Err(Refusal::Token);
        }
        match wire::parse(&text)? {
            Incoming::Start(start) if start.token.is_empty() => return Err(Refusal::Token),
            Incoming::Start(start) => return Ok(Some(start)),
            Incoming::Media { .. } | Incoming::Mark { .. } | Incoming::Digit { .. } => {
                return Err(Refusal::MediaBeforeStart);
            }
            Incoming::Stop { .. } => return Ok(None),
            Incoming::Connected | Incoming::Other => {}
        }
    }
    Ok(None)
}
