//! A request on its way in: it has to arrive in time, and all that are on their way may be so large together.

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

/// When to come back if there is no room.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The bytes that are held of requests under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicUsize>);

pin_project_lite::pin_project! {
    /// A request's body, which fails when it is late, or when there is no room for it.
    pub(super) struct RequestBody<B> {
        #[pin]
        body: B,
        // Made when the body makes the handler wait.
        #[pin]
        late: Option<Sleep>,
        until: Option<Instant>,
        size: Size,
    }
}

struct Size {
    held: Held,
    bytes: usize,
}

impl Drop for Size {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl<B> RequestBody<B> {
    /// A body that may take the time `limit`, if there is one.
    pub(super) fn new(body: B, limit: Option<Duration>, held: Held) -> Self {
        let until = limit.and_then(|limit| Instant::now().checked_add(limit));
        Self { body, late: None, until, size: Size { held, bytes: 0 } }
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
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.size.bytes += bytes;
                if this.size.held.0.fetch_add(bytes, Ordering::Relaxed) + bytes > ROOM {
                    return Poll::Ready(Some(Err(no_room().into())));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let Some(until) = *this.until else { return Poll::Pending };
                if this.late.is_none() {
                    this.late.set(Some(sleep_until(until)));
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
    use futures_util::stream;
    use http_body_util::{BodyExt, StreamBody};
    use tonic::Code;

    use super::*;

    async fn fate(
        frames: impl futures_util::Stream<Item = Result<Frame<Bytes>, Status>>,
        held: &Held,
    ) -> Result<usize, Code> {
        let body = RequestBody::new(StreamBody::new(frames), Some(Duration::from_secs(10)), held.clone());
        let collected = std::pin::pin!(body).collect().await;
        collected.map(|all| all.to_bytes().len()).map_err(|error| error.downcast::<Status>().unwrap().code())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_in_is_late() {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Some((Ok(Frame::data(Bytes::from_static(b"x"))), ()))
        });
        let begun = Instant::now();
        assert_eq!(fate(trickle, &Held::default()).await, Err(Code::DeadlineExceeded));
        assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert_eq!(
            fate(stream::iter([Ok(Frame::data(Bytes::from_static(b"x")))]), &Held::default()).await,
            Ok(1)
        );
    }

    #[tokio::test]
    async fn all_bodies_together_have_a_limit_and_leave_nothing_behind() {
        let held = Held::default();
        let large = || stream::iter([Ok(Frame::data(Bytes::from(vec![0; ROOM])))]);
        let mut first = Box::pin(RequestBody::new(StreamBody::new(large()), None, held.clone()));
        assert!(first.frame().await.unwrap().is_ok());
        assert_eq!(fate(large(), &held).await, Err(Code::ResourceExhausted));
        drop(first);
        assert_eq!(fate(large(), &held).await, Ok(ROOM));
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }
}
