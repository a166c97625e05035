//! The socket itself: what is read from it, how fast it must take what we send, and why it is closed.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::time::timeout;

use super::wire::Malformed;

/// The largest message.
pub const MOST_BYTES: usize = 64 * 1024;
/// Twilio takes our audio within this, or the line is gone.
const SEND: Duration = Duration::from_secs(2);
/// A refused socket is kept this long, so that the reason arrives before the connection breaks.
const LINGER: Duration = Duration::from_millis(250);

/// Why a socket is closed by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No valid token in time, or an upgrade with a wrong signature.
    Token,
    /// The call is over, unknown, or has its socket already.
    NotNow,
    ForeignStream,
    MediaBeforeStart,
    SecondStart,
    /// Not JSON, not an object, not base64, not UTF-8.
    Malformed,
    TooLarge,
    Binary,
    /// The database does not answer.
    Unavailable,
}

impl Refusal {
    /// RFC 6455's code and a word for logs, metrics and the other side.
    pub const fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::Token => (1008, "token"),
            Self::NotNow => (1008, "call_not_open"),
            Self::ForeignStream => (1008, "foreign_stream"),
            Self::MediaBeforeStart => (1008, "media_before_start"),
            Self::SecondStart => (1008, "second_start"),
            Self::Malformed => (1007, "malformed"),
            Self::TooLarge => (1009, "too_large"),
            Self::Binary => (1003, "binary"),
            Self::Unavailable => (1011, "unavailable"),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// The next text message; `None` when the other side is gone.
pub async fn next(socket: &mut WebSocket) -> Result<Option<Utf8Bytes>, Refusal> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(Some(text)),
            Some(Ok(Message::Binary(_))) => return Err(Refusal::Binary),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_))) | None => return Ok(None),
            Some(Err(err)) => return broken(&err),
        }
    }
}

/// A broken message is the other side's fault; a broken connection is nobody's.
fn broken(err: &axum::Error) -> Result<Option<Utf8Bytes>, Refusal> {
    // The library's own error type is not reachable through axum; its words are.
    let words = err.to_string();
    if words.contains("too long") || words.contains("Space limit") {
        Err(Refusal::TooLarge)
    } else if words.to_ascii_lowercase().contains("utf-8") {
        Err(Refusal::Malformed)
    } else {
        Ok(None)
    }
}

/// The other side is too slow, or gone.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// Sends what waits, in one go.
pub async fn send_all(socket: &mut WebSocket, waiting: &mut Vec<Bytes>) -> Result<(), Gone> {
    let sending = async {
        for message in waiting.drain(..) {
            let text = Utf8Bytes::try_from(message).map_err(|_| Gone)?;
            socket.feed(Message::Text(text)).await.map_err(|_| Gone)?;
        }
        socket.flush().await.map_err(|_| Gone)
    };
    timeout(SEND, sending).await.unwrap_or(Err(Gone))
}

/// Closes after a call.
pub async fn close(mut socket: WebSocket) {
    let closing = async {
        let _ = socket
            .send(Message::Close(Some(CloseFrame {
                code: 1000,
                reason: Utf8Bytes::from_static("done"),
            })))
            .await;
        while let Some(Ok(_)) = socket.next().await {}
    };
    let _ = timeout(SEND, closing).await;
}

/// Closes with a reason, and counts it.
pub async fn refuse(mut socket: WebSocket, refusal: Refusal) {
    let (code, reason) = refusal.code_and_reason();
    metrics::counter!("voice_socket_refused_total", "reason" => reason).increment(1);
    tracing::warn!(event = "media_socket_refused", reason, "media_socket_refused");
    let closing = socket.send(Message::Close(Some(CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    })));
    let _ = timeout(SEND, closing).await;
    tokio::time::sleep(LINGER).await;
}
