//! The beginning of a connection: HTTP/2 waits for it without a bound, so it is watched as it comes in.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
};

use super::life::Offer;

/// Bytes of the preface, and of the header of the frame after it.
const PREFACE: usize = 24;
const FRAME_HEADER: usize = 9;
const HEAD: usize = PREFACE + FRAME_HEADER;
/// The type of the frame that has to be the first one.
const SETTINGS: u8 = 4;

/// A stream that tells when its client has said all that opens a connection: the preface and its first settings.
#[derive(Debug)]
pub(super) struct Opening<S> {
    stream: S,
    opened: Arc<Notify>,
    /// What has come of it; none once it is complete.
    head: Option<Head>,
    /// What the client's machine has no room for.
    offer: Offer,
}

#[derive(Debug, Default)]
struct Head {
    bytes: Vec<u8>,
    seen: usize,
}

impl Head {
    /// Takes the next bytes, and tells whether they complete the opening.
    fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.seen += bytes.len();
        let wanted = HEAD - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(wanted)]);
        if self.bytes.len() < HEAD {
            return Ok(false);
        }
        if self.bytes[PREFACE + 3] != SETTINGS {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the first frame is not SETTINGS"));
        }
        let length =
            self.bytes[PREFACE..PREFACE + 3].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        Ok(self.seen >= HEAD + length)
    }
}

impl<S> Opening<S> {
    /// Over `stream`; `opened` is told. What cannot be written is offered as `offer`.
    pub(super) fn new(stream: S, opened: Arc<Notify>, offer: Offer) -> Self {
        Self { stream, opened, head: Some(Head::default()), offer }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let (Poll::Ready(Ok(())), Some(head)) = (&read, &mut self.head)
            && head.take(&buffer.filled()[before..])?
        {
            self.head = None;
            self.opened.notify_one();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_pending() {
            self.offer.keep()
        } else {
            self.offer.take()
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The preface, and a frame with two settings.
    fn opening(kind: u8) -> Vec<u8> {
        [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 0, 12, kind, 0, 0, 0, 0, 0][..], &[0; 12]].concat()
    }

    #[test]
    fn it_is_complete_with_the_last_byte_of_the_settings_however_it_comes() {
        for step in [1, 7, 24, 33, 44] {
            let (opening, mut head) = (opening(SETTINGS), Head::default());
            let (last, all_but_one) = opening.split_last().unwrap();
            for bytes in all_but_one.chunks(step) {
                assert!(!head.take(bytes).unwrap(), "in steps of {step}");
            }
            assert!(head.take(&[*last]).unwrap(), "in steps of {step}");
        }
    }

    #[test]
    fn another_frame_is_no_beginning() {
        assert!(Head::default().take(&opening(0)).is_err());
    }
}
