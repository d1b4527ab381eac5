//! One write for all that a connection has to say.
//!
//! HTTP/2 flushes after nearly every frame, and each flush is a system call. Answers often come many at a time, since calls share
//! statements: so a flush first lets every task that is ready have its turn, and then sends what they all left.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use futures_util::FutureExt;
use hyper::rt::{Read, ReadBufCursor, Write};

/// So many bytes are sent without waiting for more.
const ENOUGH: usize = 64 * 1024;

/// A stream that keeps what is written until the flush after the next turn of its task.
#[derive(Debug)]
pub(super) struct Coalesced<S> {
    stream: S,
    unsent: BytesMut,
    turn: Turn,
    /// The turn in which a flush was put off to the next one.
    put_off: Option<u64>,
}

/// The number of the turn that a connection's task is at.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<AtomicU64>);

impl Turn {
    /// Has `connection` polled in turns of its own.
    pub(super) async fn count<C: Future + Unpin>(&self, mut connection: C) -> C::Output {
        poll_fn(|context| {
            self.0.fetch_add(1, Ordering::Relaxed);
            connection.poll_unpin(context)
        })
        .await
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl<S: Write + Unpin> Coalesced<S> {
    /// Over `stream`, for a task whose turns are counted by `turn`.
    pub(super) fn new(stream: S, turn: Turn) -> Self {
        Self { stream, unsent: BytesMut::new(), turn, put_off: None }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &self.unsent))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent.advance(sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Read + Unpin> Read for Coalesced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Coalesced<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.unsent.len() >= ENOUGH {
            ready!(self.poll_send(context))?;
        }
        for slice in slices {
            self.unsent.extend_from_slice(slice);
        }
        Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let now = self.turn.now();
        if !self.unsent.is_empty() && self.unsent.len() < ENOUGH && *self.put_off.get_or_insert(now) == now {
            context.waker().wake_by_ref();
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_send(context))?;
        self.put_off = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
