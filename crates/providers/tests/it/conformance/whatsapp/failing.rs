//! What breaks while a message goes out: whether it may have been taken, and that it never goes twice.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use contracts::whatsapp::SendFault;
use futures::future::join_all;
use kernel::Clock;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::{
    Subject, World,
    world::{PATIENCE, text},
};

pub async fn conforms(subject: &Subject) {
    nobody_there_is_certain(subject).await;
    let troubles = troubles()
        .into_iter()
        .map(|trouble| no_answer_is_uncertain(subject, trouble));
    let ends = ENDS
        .iter()
        .map(|end| a_connection_that_ends_is_uncertain(subject, *end));
    tokio::join!(join_all(troubles), join_all(ends));
}

async fn send(subject: &Subject, base: &Url) -> SendFault {
    let carrier = (subject.make)(base, Clock::System);
    let sending = tokio::time::timeout(PATIENCE, carrier.send(&text("m1"))).await;
    sending.expect("it ends").expect_err("no answer")
}

/// No address, no connection, no TLS: nothing of the message was written.
async fn nobody_there_is_certain(subject: &Subject) {
    let free = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let closed = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let plain = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let no_tls = format!("https://{}/", plain.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    for base in [closed.as_str(), "http://nobody.invalid/", no_tls.as_str()] {
        let fault = send(subject, &base.parse().unwrap()).await;
        assert_eq!(fault.word(), "later", "{base}: {fault}");
    }
    serving.abort();
}

/// Each with whether the message was taken all the same.
fn troubles() -> Vec<Value> {
    [true, false]
        .into_iter()
        .flat_map(|taken| {
            [
                json!({"kind": "hang", "taken": taken}),
                json!({"kind": "reset", "taken": taken}),
                json!({"kind": "rubbish", "taken": taken}),
                json!({"kind": "broken", "status": 500, "taken": taken}),
                json!({"kind": "broken", "status": 502, "taken": taken}),
                json!({"kind": "broken", "status": 503, "taken": taken}),
                json!({"kind": "broken", "status": 504, "taken": taken}),
            ]
        })
        .collect()
}

async fn no_answer_is_uncertain(subject: &Subject, trouble: Value) {
    let world = World::quiet(subject).await;
    world.trouble(subject, trouble.clone()).await;
    let fault = send(subject, &world.standins.base).await;
    assert_eq!(fault.word(), "unknown", "{trouble}: {fault}");
    let taken = usize::from(trouble["taken"] == true);
    assert_eq!((subject.sent)(&world.standins).len(), taken, "{trouble}: never twice");
}

/// How a connection ends after it was made.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Before anything was read.
    AtOnce,
    /// After the whole request.
    Closed,
    Reset,
    InTheHead,
    InTheBody,
    /// Promises more than it gives.
    Silent,
}

const ENDS: [End; 6] = [
    End::AtOnce,
    End::Closed,
    End::Reset,
    End::InTheHead,
    End::InTheBody,
    End::Silent,
];

async fn a_connection_that_ends_is_uncertain(subject: &Subject, end: End) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let base: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(meet(stream, end));
        }
    });
    let fault = send(subject, &base).await;
    assert_eq!(fault.word(), "unknown", "{end:?}: {fault}");
    assert_eq!(connections.load(Ordering::SeqCst), 1, "{end:?}: it is not tried again");
    serving.abort();
}

async fn meet(mut stream: TcpStream, end: End) {
    if !matches!(end, End::AtOnce) {
        read_request(&mut stream).await;
    }
    match end {
        End::AtOnce | End::Closed => {}
        End::Reset => stream.set_zero_linger().unwrap(),
        End::InTheHead => stream.write_all(b"HTTP/1.1 201 Cre").await.unwrap(),
        End::InTheBody => {
            let beginning = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{\"sid\":\"SM1\"";
            stream.write_all(beginning).await.unwrap();
        }
        End::Silent => {
            let promise = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n";
            stream.write_all(promise).await.unwrap();
            std::future::pending::<()>().await;
        }
    }
}

/// The head, and as much more as it announces.
async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let read = stream.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let announced = |line: &str| {
            let line = line.to_ascii_lowercase();
            line.strip_prefix("content-length:")?.trim().parse().ok()
        };
        let length = head.lines().find_map(announced).unwrap_or(0);
        if body.len() >= length {
            return;
        }
    }
}
