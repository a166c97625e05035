//! A connection's stream that knows when it waits for its client, and not for ever.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Sleep,
};

use super::{Patience, connections::Place};

/// A request's head is on its way; so it is at the beginning.
const HEAD: u8 = 0;
/// A request is worked on; what is read then is its body's business, or nobody's.
const WORK: u8 = 1;
/// Between requests.
const IDLE: u8 = 2;

/// What a connection is in the middle of. Clones are the same connection's.
#[derive(Clone, Default)]
pub(super) struct Phase(Arc<AtomicU8>);

impl Phase {
    /// A request has come; it is worked on until the turn is dropped.
    pub(super) fn work(&self) -> Turn {
        self.0.store(WORK, Ordering::Relaxed);
        Turn(Some(self.clone()))
    }

    fn now(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether what was just read begins a request.
    fn begins(&self) -> bool {
        let began = self
            .0
            .compare_exchange(IDLE, HEAD, Ordering::Relaxed, Ordering::Relaxed);
        began.is_ok()
    }
}

/// One request, from its head to the end of its answer.
pub(super) struct Turn(Option<Phase>);

impl Turn {
    /// The connection is a socket from now on.
    pub(super) fn never_ends(mut self) {
        self.0 = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(phase) = self.0.take() {
            phase.0.store(IDLE, Ordering::Relaxed);
        }
    }
}

type Deadline = Pin<Box<Sleep>>;

pub(super) struct Patient {
    stream: TcpStream,
    phase: Phase,
    patience: Patience,
    /// For the request that is waited for, in that phase.
    asking: Option<(u8, Deadline)>,
    /// For the client to take what is written.
    taking: Option<Deadline>,
    _place: Place,
}

impl Patient {
    pub(super) const fn new(stream: TcpStream, place: Place, phase: Phase, patience: Patience) -> Self {
        Self {
            stream,
            phase,
            patience,
            asking: None,
            taking: None,
            _place: place,
        }
    }

    /// Nothing has come yet.
    fn wait_for_request(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let phase = self.phase.now();
        let most = match phase {
            HEAD => self.patience.head,
            IDLE => self.patience.idle,
            _ => {
                self.asking = None;
                return Poll::Pending;
            }
        };
        if self.asking.as_ref().is_none_or(|(of, _)| *of != phase) {
            self.asking = Some((phase, after(most)));
        }
        if let Some((_, deadline)) = &mut self.asking {
            ready!(deadline.as_mut().poll(context));
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// After a try to write.
    fn wait_for_taker<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.taking = None;
            return written;
        }
        let most = self.patience.answer;
        let deadline = self.taking.get_or_insert_with(|| after(most));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

fn after(most: Duration) -> Deadline {
    Box::pin(tokio::time::sleep(most))
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => self.wait_for_request(context),
            ready @ Poll::Ready(_) => {
                if buffer.filled().len() > before && self.phase.begins() {
                    self.asking = None;
                }
                ready
            }
        }
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wait_for_taker(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.wait_for_taker(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
