//! A request on its way in: it has to arrive in time, and the large ones that are on their way may be so large together. Of a stream
//! each message has to, and it counts as its largest one.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use orders_proto::orders::v1::ErrorReason;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, codegen::StdError};

use crate::errors::Failure;

/// Most bytes of large requests that a process has memory for at a time.
const ROOM: usize = 32 * 1024 * 1024;

/// The largest message that any rpc takes. Nothing is kept for one that is larger: it is refused when it is announced.
const LARGEST: usize = 256 * 1024;

/// What is no larger needs no room: there are only so many calls at once.
const SMALL: usize = 16 * 1024;

/// When to come back if there is no room.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The bytes that are set aside for requests under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicUsize>);

/// How long a request may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// All of it, from its beginning.
    Whole(Duration),
    /// Each part, from when it is waited for: it is a stream.
    Parts(Duration),
    /// As long as it takes: it is a stream of small questions.
    Whenever,
}

pin_project_lite::pin_project! {
    /// A request's body, which fails when it is late, or when there is no room for it.
    pub(super) struct RequestBody<B> {
        #[pin]
        body: B,
        arrival: Arrival,
        begun: Instant,
        // Made when the body makes the handler wait.
        #[pin]
        late: Option<Sleep>,
        size: Size,
    }
}

/// The room that a request takes up. What counts is what its messages are announced to be: so much is set aside when their heads
/// are there, whatever follows.
struct Size {
    held: Held,
    bytes: usize,
    messages: Messages,
}

impl Size {
    /// Whether there is room for the messages that begin in `data`.
    fn has_room_for(&mut self, data: &[u8]) -> bool {
        let announced = self.messages.announced_in(data).min(LARGEST);
        if announced <= self.bytes.max(SMALL) {
            return true;
        }
        let added = announced - self.bytes;
        self.bytes = announced;
        self.held.0.fetch_add(added, Ordering::Relaxed) + added <= ROOM
    }
}

impl Drop for Size {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Where in a sequence of messages a body is. Each message has a head: a byte that says whether it is compressed, and its length
/// in four bytes ("Length-Prefixed-Message" of gRPC over HTTP/2).
#[derive(Debug, Default)]
struct Messages {
    head: [u8; 5],
    of_head: usize,
    /// Bytes that are missing of the message whose head is there.
    missing: usize,
}

impl Messages {
    /// The length of the longest message whose head is complete with `data`; 0 if there is none.
    fn announced_in(&mut self, mut data: &[u8]) -> usize {
        let mut longest = 0;
        while !data.is_empty() {
            let (part, rest) = data.split_at(data.len().min(self.missing));
            self.missing -= part.len();
            let (part, rest) = rest.split_at(rest.len().min(self.head.len() - self.of_head));
            self.head[self.of_head..][..part.len()].copy_from_slice(part);
            self.of_head += part.len();
            if let (5, [_, length @ ..]) = (self.of_head, self.head) {
                self.missing = u32::from_be_bytes(length) as usize;
                self.of_head = 0;
                longest = longest.max(self.missing);
            }
            data = rest;
        }
        longest
    }
}

impl<B> RequestBody<B> {
    /// A body that has begun to arrive.
    pub(super) fn new(body: B, arrival: Arrival, held: Held) -> Self {
        let size = Size { held, bytes: 0, messages: Messages::default() };
        Self { body, arrival, begun: Instant::now(), late: None, size }
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<StdError>,
{
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let mut this = self.project();
        match this.body.poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                if matches!(this.arrival, Arrival::Parts(_)) {
                    this.late.set(None);
                }
                match this.size.has_room_for(frame.data_ref().map_or(&[], |data| data)) {
                    true => Poll::Ready(Some(Ok(frame))),
                    false => Poll::Ready(Some(Err(no_room().into()))),
                }
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if this.late.is_none() {
                    let until = match *this.arrival {
                        Arrival::Whole(limit) => this.begun.checked_add(limit),
                        Arrival::Parts(limit) => Instant::now().checked_add(limit),
                        Arrival::Whenever => None,
                    };
                    this.late.set(until.map(sleep_until));
                }
                let late = this.late.as_pin_mut().map(|late| late.poll(context));
                if late.is_some_and(|late| late.is_ready()) {
                    return Poll::Ready(Some(Err(too_late().into())));
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn too_late() -> Status {
    Failure::new(ErrorReason::DeadlineExceeded, "the request did not arrive in time").into_status()
}

fn no_room() -> Status {
    let failure = Failure::new(ErrorReason::Overloaded, "too many large requests at a time");
    failure.retry_after(RETRY_DELAY).into_status()
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use http_body_util::{BodyExt, StreamBody};
    use tonic::Code;

    use super::*;

    async fn fate(
        frames: impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>>,
        arrival: Arrival,
        held: &Held,
    ) -> Result<usize, Code> {
        let body = RequestBody::new(StreamBody::new(frames), arrival, held.clone());
        let collected = std::pin::pin!(body).collect().await;
        collected.map(|all| all.to_bytes().len()).map_err(|error| error.downcast::<Status>().unwrap().code())
    }

    const LIMIT: Duration = Duration::from_secs(10);
    const WHOLE: Arrival = Arrival::Whole(LIMIT);
    const PARTS: Arrival = Arrival::Parts(LIMIT);

    /// Frames of a byte, each so many seconds after the one before it.
    fn trickle(pauses: &'static [u64]) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
        stream::iter(pauses).then(|pause| async {
            tokio::time::sleep(Duration::from_secs(*pause)).await;
            Ok(Frame::data(Bytes::from_static(b"x")))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_late() {
        let begun = Instant::now();
        assert_eq!(fate(trickle(&[3; 9]), WHOLE, &Held::default()).await, Err(Code::DeadlineExceeded));
        assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert_eq!(fate(trickle(&[0]), WHOLE, &Held::default()).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_may_trickle_but_not_be_silent() {
        assert_eq!(fate(trickle(&[9; 9]), PARTS, &Held::default()).await, Ok(9));
        assert_eq!(fate(trickle(&[9, 9, 11]), PARTS, &Held::default()).await, Err(Code::DeadlineExceeded));
        assert_eq!(fate(trickle(&[3_600]), Arrival::Whenever, &Held::default()).await, Ok(1));
    }

    /// The head of a message of so many bytes.
    fn head(length: usize) -> Bytes {
        let length = u32::try_from(length).unwrap().to_be_bytes();
        [&[0][..], &length].concat().into()
    }

    fn frames(
        data: impl IntoIterator<Item = Bytes>,
    ) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
        stream::iter(data.into_iter().map(|data| Ok(Frame::data(data))).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn large_messages_together_have_a_limit_from_when_they_are_announced() {
        let held = Held::default();
        let mut stalled = Vec::new();
        for _ in 0..ROOM / LARGEST {
            let mut body =
                Box::pin(RequestBody::new(StreamBody::new(frames([head(LARGEST)])), WHOLE, held.clone()));
            assert!(body.frame().await.unwrap().is_ok());
            stalled.push(body);
        }
        assert_eq!(fate(frames([head(SMALL + 1)]), WHOLE, &held).await, Err(Code::ResourceExhausted));
        assert_eq!(fate(frames([head(SMALL)]), WHOLE, &held).await, Ok(5), "small ones go on");
        stalled.clear();
        assert_eq!(fate(frames([head(LARGEST)]), WHOLE, &held).await, Ok(5));
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_head_may_come_in_pieces() {
        let held = Held::default();
        let pieces = head(LARGEST).chunks(1).map(Bytes::copy_from_slice).collect::<Vec<_>>();
        let mut body = Box::pin(RequestBody::new(StreamBody::new(frames(pieces)), WHOLE, held.clone()));
        for _ in 0..4 {
            assert!(body.frame().await.unwrap().is_ok());
            assert_eq!(held.0.load(Ordering::Relaxed), 0);
        }
        assert!(body.frame().await.unwrap().is_ok());
        assert_eq!(held.0.load(Ordering::Relaxed), LARGEST);
    }

    #[tokio::test]
    async fn a_stream_counts_as_its_largest_message_however_long_it_is() {
        let held = Held::default();
        let message = |length: usize| Bytes::from([&*head(length), &vec![1; length]].concat());
        let lengths = [9, LARGEST, SMALL, 0, LARGEST / 2, LARGEST];
        let mut body =
            Box::pin(RequestBody::new(StreamBody::new(frames(lengths.map(message))), PARTS, held.clone()));
        let mut counted = Vec::new();
        while let Some(frame) = body.frame().await {
            assert!(frame.is_ok());
            counted.push(held.0.load(Ordering::Relaxed));
        }
        assert_eq!(counted, [0, LARGEST, LARGEST, LARGEST, LARGEST, LARGEST]);
        drop(body);
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn messages_are_told_apart_wherever_they_are_cut() {
        let lengths = [0, 1, 300, 4, 5, 70_000];
        let all = lengths.map(|length| [&*head(length), &vec![0xff; length]].concat()).concat();
        for size in [1, 2, 3, 4, 5, 7, 301, 1_000, all.len()] {
            let mut messages = Messages::default();
            let longest = all.chunks(size).map(|part| messages.announced_in(part)).max();
            assert_eq!(
                (longest, messages.missing, messages.of_head),
                (Some(70_000), 0, 0),
                "parts of {size}"
            );
        }
    }
}
