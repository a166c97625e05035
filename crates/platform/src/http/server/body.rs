//! The two bodies of a request: the one that comes, and the one that goes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::patient::Turn;

/// How much waiting one byte of a body earns: who sends 4 KiB in a second may go on for ever.
pub(super) const EARNS: Duration = Duration::from_nanos(1_000_000_000 / 4096);

/// How long a sender may still be waited for.
struct Allowance {
    most: Duration,
    left: Duration,
}

impl Allowance {
    /// So long was waited until so many bytes came.
    fn came(&mut self, waited: Duration, bytes: usize) {
        let earned = EARNS.saturating_mul(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.left = (self.left.saturating_sub(waited) + earned).min(self.most);
    }
}

/// A body whose sender is waited for only so long. The time in which nobody asks for more of it does not count.
pub(super) struct PatientBody {
    body: Incoming,
    allowance: Allowance,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl PatientBody {
    pub(super) const fn new(body: Incoming, most: Duration) -> Self {
        Self {
            body,
            allowance: Allowance { most, left: most },
            waiting: None,
        }
    }
}

impl HttpBody for PatientBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            let waited = this.waiting.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
            this.allowance.came(waited, data.map_or(0, Bytes::len));
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let left = this.allowance.left;
        let (_, over) = this
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        ready!(over.as_mut().poll(context));
        tracing::debug!("a body came too slowly");
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer; when all of it was handed over, or nobody wants it any more, the next request may come.
pub(super) struct Answering {
    body: Body,
    _turn: Turn,
}

impl Answering {
    pub(super) const fn new(body: Body, turn: Turn) -> Self {
        Self { body, _turn: turn }
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pieces a sender gets through, one in each `pause`, before it is given up.
    fn pieces(bytes: usize, pause: Duration) -> usize {
        let most = Duration::from_secs(30);
        let mut allowance = Allowance { most, left: most };
        let mut pieces = 0;
        while pause < allowance.left && pieces < 10_000 {
            allowance.came(pause, bytes);
            pieces += 1;
        }
        pieces
    }

    #[test]
    fn a_body_goes_on_as_long_as_it_comes_at_a_rate() {
        let second = Duration::from_secs(1);
        assert_eq!(pieces(4_100, second), 10_000);
        assert_eq!(pieces(64 * 1024, 15 * second), 10_000, "in larger pieces, more seldom");
        assert_eq!(pieces(1, 29 * second), 1, "a byte now and then is nothing");
        assert!(pieces(2_048, second) < 70, "half the rate for about a minute");
        assert_eq!(pieces(1 << 20, 30 * second), 0, "however much may come");
    }
}
