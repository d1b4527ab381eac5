//! A request on its way in: it has to arrive in time, and the large ones that are on their way may be so large together. Of a stream
//! each message has to.

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
    /// Each message, from when it is waited for: it is a stream.
    Messages(Duration),
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

/// The room that a request takes up until its message is there. What counts is what it is announced to be: so much is set aside when
/// its head is there, whatever follows.
struct Size {
    held: Held,
    bytes: usize,
    messages: Messages,
}

impl Size {
    /// Whether there is room for what is under way after `data`.
    fn has_room_after(&mut self, data: &[u8]) -> bool {
        self.messages.read(data);
        let wanted = match self.messages.under_way().min(LARGEST) {
            0..=SMALL => 0,
            large => large,
        };
        if wanted <= self.bytes {
            self.give_back(self.bytes - wanted);
            return true;
        }
        let added = wanted - self.bytes;
        let more = |held: usize| (held + added <= ROOM).then_some(held + added);
        let is_room = self.held.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if is_room {
            self.bytes = wanted;
        }
        is_room
    }

    fn give_back(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.held.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Size {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

/// Where in a sequence of messages a body is. Each message has a head: a byte that says whether it is compressed, and its length
/// in four bytes ("Length-Prefixed-Message" of gRPC over HTTP/2).
#[derive(Debug, Default)]
struct Messages {
    head: [u8; 5],
    of_head: usize,
    /// The length of the message whose head is there.
    length: usize,
    /// Bytes of it that are missing.
    missing: usize,
    /// Whether a message came to its end in what was read last.
    has_ended: bool,
}

impl Messages {
    fn read(&mut self, mut data: &[u8]) {
        self.has_ended = false;
        while !data.is_empty() {
            if self.missing == 0 {
                let (part, rest) = data.split_at(data.len().min(self.head.len() - self.of_head));
                self.head[self.of_head..][..part.len()].copy_from_slice(part);
                self.of_head += part.len();
                data = rest;
                if self.of_head < self.head.len() {
                    return;
                }
                let [_, length @ ..] = self.head;
                self.length = u32::from_be_bytes(length) as usize;
                (self.missing, self.of_head) = (self.length, 0);
            }
            let (part, rest) = data.split_at(data.len().min(self.missing));
            self.missing -= part.len();
            self.has_ended |= self.missing == 0;
            data = rest;
        }
    }

    /// The length of the message that is there in part; 0 if there is none, or its head is not complete.
    fn under_way(&self) -> usize {
        if self.missing == 0 { 0 } else { self.length }
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
                let is_room = this.size.has_room_after(frame.data_ref().map_or(&[], |data| data));
                if matches!(this.arrival, Arrival::Messages(_)) && this.size.messages.has_ended {
                    this.late.set(None);
                }
                match is_room {
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
                        Arrival::Messages(limit) => Instant::now().checked_add(limit),
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
    use futures_util::{StreamExt, TryStreamExt, stream};
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
    const MESSAGES: Arrival = Arrival::Messages(LIMIT);

    /// Frames of a byte, each so many seconds after the one before it.
    fn trickle(pauses: &'static [u64]) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
        stream::iter(pauses).then(|pause| async {
            tokio::time::sleep(Duration::from_secs(*pause)).await;
            Ok(Frame::data(Bytes::from_static(b"x")))
        })
    }

    /// Empty messages, each so many seconds after the one before it.
    fn questions(pauses: &'static [u64]) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
        trickle(pauses).map_ok(|_| Frame::data(head(0)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_late() {
        let begun = Instant::now();
        assert_eq!(fate(trickle(&[3; 9]), WHOLE, &Held::default()).await, Err(Code::DeadlineExceeded));
        assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert_eq!(fate(trickle(&[0]), WHOLE, &Held::default()).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_may_take_its_time_but_not_one_of_its_messages() {
        assert_eq!(fate(questions(&[9; 9]), MESSAGES, &Held::default()).await, Ok(45));
        assert_eq!(
            fate(questions(&[9, 9, 11]), MESSAGES, &Held::default()).await,
            Err(Code::DeadlineExceeded)
        );
        assert_eq!(fate(trickle(&[3; 4]), MESSAGES, &Held::default()).await, Err(Code::DeadlineExceeded));
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
    async fn room_is_given_back_when_the_message_is_there() {
        let held = Held::default();
        let parts = [head(LARGEST), vec![1; SMALL].into(), vec![1; LARGEST - SMALL].into(), head(SMALL + 1)];
        let mut body = Box::pin(RequestBody::new(StreamBody::new(frames(parts)), MESSAGES, held.clone()));
        let mut counted = Vec::new();
        while let Some(frame) = body.frame().await {
            assert!(frame.is_ok());
            counted.push(held.0.load(Ordering::Relaxed));
        }
        assert_eq!(counted, [LARGEST, LARGEST, 0, SMALL + 1]);
        drop(body);
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn messages_of_a_stream_need_not_end_where_frames_do() {
        let ends_and_begins = |_| {
            let parts = [&[1; 3][..], &head(7), &[1; 4]].concat();
            Ok(Frame::data(Bytes::from(parts)))
        };
        let begun = stream::iter([Ok(Frame::data(Bytes::from([&*head(7), &[1; 4]].concat())))]);
        let goes_on = trickle(&[4; 9]).map(|one: Result<Frame<Bytes>, Status>| one.and_then(ends_and_begins));
        assert_eq!(fate(begun.chain(goes_on), MESSAGES, &Held::default()).await, Ok(9 + 9 * 12));
    }

    #[test]
    fn messages_are_told_apart_wherever_they_are_cut() {
        let lengths = [0, 1, 300, 4, 5, 70_000];
        let all = lengths.map(|length| [&*head(length), &vec![0xff; length]].concat()).concat();
        for size in [1, 2, 3, 4, 5, 7, 301, 1_000, all.len()] {
            let mut messages = Messages::default();
            let mut longest = 0;
            for part in all.chunks(size) {
                messages.read(part);
                longest = longest.max(messages.under_way());
            }
            assert!(
                messages.has_ended && messages.under_way() == 0 && messages.of_head == 0,
                "parts of {size}"
            );
            assert_eq!(longest, if size < all.len() { 70_000 } else { 0 }, "parts of {size}");
        }
    }
}
