//! Connections: how many a client may hold, and how long it may keep the server waiting.
//!
//! HTTP/1.1 and its upgrades; a proxy in front speaks TLS and newer versions. Who is slow to ask, to send a body or to
//! take an answer is cut off ([`Patience`]); a request that is worked on, an answer that comes bit by bit, and a socket
//! after its upgrade are never hurried. Beyond [`ConnectionLimits`] a connection is closed as soon as it is there.

mod body;
mod connections;
mod patient;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, net::SocketAddr, pin::pin, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
    serve::Listener,
};
use http::StatusCode;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

pub use connections::ConnectionLimits;

use self::{
    body::{Answering, PatientBody},
    connections::{Connections, Place},
    patient::{Patient, Phase},
};

/// The largest head of a request, and what is read of a body at a time.
const LARGEST_HEAD: usize = 64 * 1024;

/// How long a client may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request: from its first byte, on a new connection from the beginning.
    pub head: Duration,
    /// Between requests: longer than proxies keep a connection, so that none sends into one that is just being closed.
    pub idle: Duration,
    /// For a body, in all; what comes of it earns some of that back ([`body::EARNS`]), so that only its rate limits a
    /// long one.
    pub body: Duration,
    /// Until a client takes more of its answer.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(30),
        }
    }
}

/// Answers until it is told to stop; then finishes what runs, and ends when the last connection has. Handlers find the
/// peer as `ConnectInfo<SocketAddr>`.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    patience: Patience,
    stop: CancellationToken,
) {
    let connections = Connections::new(limits);
    let running = TaskTracker::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = stop.cancelled() => break,
        };
        let Some(place) = connections.admit(peer.ip()) else {
            continue;
        };
        if let Err(err) = stream.set_nodelay(true) {
            tracing::debug!(error = %err, "a connection keeps its delay");
        }
        let connection = Connection {
            stream,
            peer,
            place,
            patience,
        };
        running.spawn(connection.run(router.clone(), stop.clone()));
    }
    drop(listener);
    running.close();
    running.wait().await;
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    patience: Patience,
}

impl Connection {
    async fn run(self, router: Router, stop: CancellationToken) {
        let Self {
            stream,
            peer,
            place,
            patience,
        } = self;
        let phase = Phase::default();
        let io = TokioIo::new(Patient::new(stream, place, phase.clone(), patience));
        let service = service_fn(move |request| answer(router.clone(), request, peer, phase.clone(), patience));
        let connection = http1::Builder::new()
            .max_buf_size(LARGEST_HEAD)
            // Without a limit of its own hyper does not look for the next request, and the stream's would never begin.
            .timer(TokioTimer::new())
            .header_read_timeout(patience.idle + patience.head)
            .serve_connection(io, service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(err) = ended {
            let cause = std::error::Error::source(&err);
            tracing::debug!(error = %err, cause, "a connection broke off");
        }
    }
}

async fn answer(
    router: Router,
    request: http::Request<Incoming>,
    peer: SocketAddr,
    phase: Phase,
    patience: Patience,
) -> Result<Response, Infallible> {
    let turn = phase.work();
    let mut request: Request = request.map(|body| Body::new(PatientBody::new(body, patience.body)));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        turn.never_ends();
        return Ok(response);
    }
    Ok(response.map(|body| Body::new(Answering::new(body, turn))))
}
