//! A server on loopback that answers as it is told and remembers what it was asked.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use futures::{Stream, StreamExt, stream};
use url::Url;

/// What it answers.
#[derive(Clone)]
pub enum Reply {
    /// A whole answer.
    Whole {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    },
    /// The pieces one after the other, each after this time.
    Pieces {
        content_type: &'static str,
        every: Duration,
        pieces: Vec<Bytes>,
    },
    /// The beginning of an answer, then nothing, the connection left open.
    Stalled {
        content_type: &'static str,
        beginning: Bytes,
    },
    /// The beginning of an answer, then a reset.
    Broken {
        content_type: &'static str,
        beginning: Bytes,
    },
    /// The same piece for ever.
    Endless { content_type: &'static str, piece: Bytes },
    /// No answer at all.
    Silent,
}

impl Reply {
    pub fn ok(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::status(200, content_type, body)
    }

    pub fn status(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::Whole {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    pub fn limited(seconds: u64) -> Self {
        let headers = vec![
            ("retry-after", seconds.to_string()),
            ("content-type", "application/json".to_owned()),
        ];
        Self::Whole {
            status: 429,
            headers,
            body: r#"{"error":{"code":"rate_limited","message":"secret words"}}"#.into(),
        }
    }

    pub fn redirect(to: &str) -> Self {
        Self::Whole {
            status: 302,
            headers: vec![("location", to.to_owned())],
            body: Bytes::new(),
        }
    }
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub struct StandIn {
    pub base: Url,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    /// The answers in order; the last one is repeated.
    replies: Mutex<Vec<Reply>>,
    seen: Mutex<Vec<Seen>>,
    /// Bodies that are being sent right now.
    open: Arc<AtomicUsize>,
}

impl StandIn {
    pub async fn answering(reply: Reply) -> Self {
        Self::answering_in_turn(vec![reply]).await
    }

    pub async fn answering_in_turn(replies: Vec<Reply>) -> Self {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let shared = Arc::new(Shared {
            replies: Mutex::new(replies),
            seen: Mutex::default(),
            open: Arc::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, shared, server }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Waits until no answer is under way any more: whoever asked has gone.
    pub async fn until_left_alone(&self) -> bool {
        let alone = async {
            while self.shared.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(3), alone).await.is_ok()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    shared.seen.lock().unwrap().push(Seen {
        uri: parts.uri,
        headers: parts.headers,
        body,
    });
    let reply = {
        let mut replies = shared.replies.lock().unwrap();
        if replies.len() > 1 {
            replies.remove(0)
        } else {
            replies[0].clone()
        }
    };
    respond(reply, &shared.open).await
}

async fn respond(reply: Reply, open: &Arc<AtomicUsize>) -> Response {
    let streamed = |content_type, pieces| {
        Response::builder()
            .header("content-type", content_type)
            .body(counted(pieces, open))
            .unwrap()
    };
    match reply {
        Reply::Whole { status, headers, body } => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        Reply::Pieces {
            content_type,
            every,
            pieces,
        } => {
            let pieces = stream::iter(pieces).then(move |piece| async move {
                tokio::time::sleep(every).await;
                Ok(piece)
            });
            streamed(content_type, pieces.boxed())
        }
        Reply::Stalled {
            content_type,
            beginning,
        } => {
            let pieces = stream::once(async { Ok(beginning) }).chain(stream::once(pending()));
            streamed(content_type, pieces.boxed())
        }
        Reply::Broken {
            content_type,
            beginning,
        } => {
            // The pause lets the beginning leave before the reset.
            let reset = stream::once(async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("reset"))
            });
            streamed(content_type, stream::once(async { Ok(beginning) }).chain(reset).boxed())
        }
        Reply::Endless { content_type, piece } => {
            streamed(content_type, stream::repeat_with(move || Ok(piece.clone())).boxed())
        }
        Reply::Silent => match pending::<Infallible>().await {},
    }
}

type Pieces = stream::BoxStream<'static, Result<Bytes, std::io::Error>>;

fn counted(pieces: Pieces, open: &Arc<AtomicUsize>) -> Body {
    open.fetch_add(1, Ordering::SeqCst);
    Body::from_stream(Counted {
        pieces,
        open: Arc::clone(open),
    })
}

struct Counted {
    pieces: Pieces,
    open: Arc<AtomicUsize>,
}

impl Stream for Counted {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.pieces.as_mut().poll_next(context)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}
