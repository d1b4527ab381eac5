//! A request on its way in: it has to arrive in time, and all that are on their way may be so large together. Of a stream each message
//! has to, and it counts as one message.

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

/// Most bytes of requests that a process holds before they are complete.
const ROOM: usize = 32 * 1024 * 1024;

/// The most that is held of a stream, which is read message by message: as much as the largest message of any rpc.
const ROOM_OF_STREAM: usize = 256 * 1024;

/// When to come back if there is no room.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The bytes that are held of requests under way.
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

struct Size {
    held: Held,
    bytes: usize,
    most: usize,
}

impl Size {
    /// Whether there is room for so many bytes more.
    fn add(&mut self, bytes: usize) -> bool {
        let added = bytes.min(self.most - self.bytes);
        self.bytes += added;
        self.held.0.fetch_add(added, Ordering::Relaxed) + added <= ROOM
    }
}

impl Drop for Size {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl<B> RequestBody<B> {
    /// A body that has begun to arrive.
    pub(super) fn new(body: B, arrival: Arrival, held: Held) -> Self {
        let most = match arrival {
            Arrival::Whole(_) => usize::MAX,
            Arrival::Parts(_) | Arrival::Whenever => ROOM_OF_STREAM,
        };
        Self { body, arrival, begun: Instant::now(), late: None, size: Size { held, bytes: 0, most } }
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
                match this.size.add(frame.data_ref().map_or(0, Bytes::len)) {
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

    fn large() -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>> {
        stream::iter([Ok(Frame::data(Bytes::from(vec![0; ROOM])))])
    }

    #[tokio::test]
    async fn all_bodies_together_have_a_limit_and_leave_nothing_behind() {
        let held = Held::default();
        let mut first = Box::pin(RequestBody::new(StreamBody::new(large()), WHOLE, held.clone()));
        assert!(first.frame().await.unwrap().is_ok());
        assert_eq!(fate(large(), WHOLE, &held).await, Err(Code::ResourceExhausted));
        drop(first);
        assert_eq!(fate(large(), WHOLE, &held).await, Ok(ROOM));
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_stream_counts_as_one_message_however_long_it_is() {
        let held = Held::default();
        let endless = stream::iter(0..3).flat_map(|_| large());
        let mut streaming = Box::pin(RequestBody::new(StreamBody::new(endless), PARTS, held.clone()));
        for _ in 0..3 {
            assert!(streaming.frame().await.unwrap().is_ok());
            assert_eq!(held.0.load(Ordering::Relaxed), ROOM_OF_STREAM);
        }
        drop(streaming);
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }
}
