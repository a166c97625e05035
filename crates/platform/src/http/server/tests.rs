use std::{convert::Infallible, sync::Arc};

use axum::{extract::ws::WebSocketUpgrade, routing};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::http::client_address::TrustProxy;

/// No test waits longer; what it waits for ends the wait.
const LIMIT: Duration = Duration::from_secs(30);
/// For what a test does not mean to run into.
const EVER: Duration = Duration::from_secs(600);

const PATIENT: Patience = Patience {
    head: EVER,
    idle: EVER,
    body: EVER,
    answer: EVER,
};
const SOON: Duration = Duration::from_millis(200);

/// A server with: `/` says ok, `/length` how long a body is, `/gate` waits, `/endless` never ends, `/socket` repeats.
struct Stage {
    address: SocketAddr,
    entered: Arc<Notify>,
    gate: Arc<Notify>,
    /// Done when nobody is given the endless answer any more.
    given_up: CancellationToken,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

async fn stage(patience: Patience) -> Stage {
    stage_for(100, patience).await
}

async fn stage_for(per_address: usize, patience: Patience) -> Stage {
    let [entered, gate] = [(); 2].map(|()| Arc::new(Notify::new()));
    let [given_up, stop] = [(); 2].map(|()| CancellationToken::new());
    let (inside, opened, guard) = (Arc::clone(&entered), Arc::clone(&gate), given_up.clone());
    let router = Router::new()
        .route("/", routing::get(async || "ok"))
        .route("/length", routing::post(async |body: Bytes| body.len().to_string()))
        .route(
            "/gate",
            routing::get(async move || {
                inside.notify_one();
                opened.notified().await;
                "open"
            }),
        )
        .route("/endless", routing::get(async move || endless(guard)))
        .route("/socket", routing::get(socket));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let limits = ConnectionLimits {
        total: 100,
        per_address,
        proxies: TrustProxy::No,
    };
    let served = tokio::spawn(serve(listener, router, limits, patience, stop.clone()));
    Stage {
        address,
        entered,
        gate,
        given_up,
        stop,
        served,
    }
}

fn endless(guard: CancellationToken) -> Body {
    let guard = guard.drop_guard();
    Body::from_stream(futures::stream::repeat_with(move || {
        let _ = &guard;
        Ok::<_, Infallible>(Bytes::from_static(&[0; 16 * 1024]))
    }))
}

async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

impl Stage {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connected")
    }

    async fn with(&self, said: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(said.as_bytes()).await.expect("said");
        stream
    }

    async fn ends(self) {
        self.stop.cancel();
        timeout(LIMIT, self.served).await.expect("in time").expect("served");
    }
}

/// All that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A connection that is reset has ended, too.
    let _ = timeout(LIMIT, stream.read_to_end(&mut all)).await.expect("closed");
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads one answer of a few bytes.
async fn answered(stream: &mut TcpStream, wanted: &str) {
    let mut all = String::new();
    while !all.ends_with(wanted) {
        let mut some = [0; 1024];
        let count = timeout(LIMIT, stream.read(&mut some))
            .await
            .expect("in time")
            .expect("an answer");
        assert_ne!(count, 0, "closed after {all:?}");
        all.push_str(&String::from_utf8_lossy(&some[..count]));
    }
}

/// Says a byte over and over until the other side closes.
async fn trickle_until_closed(stream: &mut TcpStream) {
    let trickled = async {
        let mut heard = [0; 1024];
        loop {
            let wrote = stream.write_all(b"x").await;
            let read = timeout(Duration::from_millis(10), stream.read(&mut heard)).await;
            if wrote.is_err() || matches!(read, Ok(Ok(0) | Err(_))) {
                break;
            }
        }
    };
    timeout(LIMIT, trickled).await.expect("closed");
}

#[tokio::test]
async fn who_asks_nothing_or_never_ends_asking_is_cut_off() {
    let stage = stage(Patience { head: SOON, ..PATIENT }).await;
    assert_eq!(rest(&mut stage.connect().await).await, "");
    rest(&mut stage.with("GET / HTTP/1.1\r\nX-Slow: ").await).await;
    trickle_until_closed(&mut stage.with("GET / HTTP/1.1\r\nX-Slow: ").await).await;
    stage.ends().await;
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_then_rests_only_so_long() {
    let stage = stage(Patience { idle: SOON, ..PATIENT }).await;
    let mut stream = stage.connect().await;
    for _ in 0..3 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .expect("asked");
        answered(&mut stream, "ok").await;
    }
    assert_eq!(rest(&mut stream).await, "");
    stage.ends().await;
}

#[tokio::test]
async fn a_later_request_s_head_is_waited_for_as_the_first_one_s() {
    let stage = stage(Patience { head: SOON, ..PATIENT }).await;
    let mut stream = stage.with("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    answered(&mut stream, "ok").await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.expect("begun");
    rest(&mut stream).await;
    stage.ends().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let stage = stage(Patience { body: SOON, ..PATIENT }).await;
    let head = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\nbegun";
    let answer = rest(&mut stage.with(head).await).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    trickle_until_closed(&mut stage.with(head).await).await;
    let mut whole = stage
        .with("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwhole")
        .await;
    answered(&mut whole, "5").await;
    stage.ends().await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_given_up() {
    let stage = stage(Patience {
        answer: SOON,
        ..PATIENT
    })
    .await;
    let stream = stage.with("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
    timeout(LIMIT, stage.given_up.cancelled()).await.expect("given up");
    drop(stream);
    stage.ends().await;
}

#[tokio::test]
async fn work_and_sockets_are_not_hurried() {
    let hurried = Patience {
        head: SOON,
        idle: SOON,
        body: SOON,
        answer: SOON,
    };
    let stage = stage(hurried).await;
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{}/socket", stage.address))
        .await
        .expect("a socket");
    let mut worked_on = stage.with("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    // Who came later is cut off meanwhile.
    for _ in 0..2 {
        rest(&mut stage.connect().await).await;
    }
    socket.send(Message::text("still here")).await.expect("said");
    let heard = timeout(LIMIT, socket.next())
        .await
        .expect("in time")
        .expect("an answer");
    assert_eq!(heard.expect("a message"), Message::text("still here"));
    stage.gate.notify_one();
    answered(&mut worked_on, "open").await;
    drop(socket);
    stage.ends().await;
}

#[tokio::test]
async fn who_holds_too_many_gets_no_more_until_one_is_given_back() {
    let stage = stage_for(2, PATIENT).await;
    let ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = stage.with(ask).await;
        answered(&mut stream, "ok").await;
        held.push(stream);
    }
    assert_eq!(rest(&mut stage.connect().await).await, "", "closed at once");
    held.pop();
    let again = async {
        loop {
            let mut stream = stage.connect().await;
            // It may be closed before it is said.
            let _ = stream
                .write_all(ask.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())
                .await;
            if rest(&mut stream).await.ends_with("ok") {
                break;
            }
        }
    };
    timeout(LIMIT, again).await.expect("a place that was given back");
    stage.ends().await;
}

#[tokio::test]
async fn when_it_stops_what_runs_is_finished_and_nothing_new_begins() {
    let stage = stage(PATIENT).await;
    let mut idle = stage.with("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    answered(&mut idle, "ok").await;
    let mut worked_on = stage.with("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    timeout(LIMIT, stage.entered.notified()).await.expect("worked on");
    stage.stop.cancel();
    assert_eq!(rest(&mut idle).await, "", "an idle one is closed");
    let closed = async { while TcpStream::connect(stage.address).await.is_ok() {} };
    timeout(LIMIT, closed).await.expect("nobody is let in");
    stage.gate.notify_one();
    assert!(rest(&mut worked_on).await.ends_with("open"));
    stage.ends().await;
}
