//! A request on its way in: it has to arrive in time, and the large ones that are on their way may be so large together. Of a stream
//! each message has to.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use orders_proto::orders::v1::ErrorReason;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, codegen::StdError};

use self::messages::Messages;
use super::room::{Room, Share};
use crate::errors::Failure;

mod messages;

/// The largest message that any rpc takes. Nothing is kept for one that is larger: it is refused when it is announced.
const LARGEST: usize = 256 * 1024;

/// When to come back if there is no room.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// How long a request may take to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// All of it, from its beginning.
    Whole(Duration),
    /// Each message, from when it is waited for: it is a stream.
    Messages(Duration),
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
        messages: Messages,
        // Set aside when a message's head is there, whatever follows.
        share: Share,
    }
}

impl<B> RequestBody<B> {
    /// A body that has begun to arrive.
    pub(super) fn new(body: B, arrival: Arrival, room: &Room) -> Self {
        let (messages, share) = (Messages::default(), room.share());
        Self { body, arrival, begun: Instant::now(), late: None, messages, share }
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
                this.messages.read(frame.data_ref().map_or(&[], |data| data));
                if matches!(this.arrival, Arrival::Messages(_)) && this.messages.has_ended {
                    this.late.set(None);
                }
                match this.share.fits(this.messages.under_way().min(LARGEST)) {
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
mod tests;
