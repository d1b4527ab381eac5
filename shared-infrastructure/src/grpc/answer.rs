//! An answer on its way out, which ends with UNAVAILABLE when its connection cannot wait for it any longer.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use orders_proto::orders::v1::ErrorReason;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Status, body::Body};

use super::life::CallLife;
use crate::errors::Failure;

/// The answer to a call, or UNAVAILABLE once `leaving` is cancelled, be it in place of the head or in the stream that follows.
pub(super) async fn before(
    leaving: CancellationToken,
    mut call: CallLife,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Answer> {
    let answer = tokio::select! {
        biased;
        answer = answer => answer,
        () = leaving.cancelled() => shutting_down().into_http(),
    };
    call.offer.keep();
    answer.map(|body| Answer { body, call, leaving: leaving.cancelled_owned(), ended: false })
}

fn shutting_down() -> Status {
    let message = "the server closes this connection: call again, on another one";
    Failure::new(ErrorReason::ShuttingDown, message).into_status()
}

pin_project_lite::pin_project! {
    /// What follows an answer's head.
    pub(super) struct Answer {
        #[pin]
        body: Body,
        call: CallLife,
        #[pin]
        leaving: WaitForCancellationFutureOwned,
        ended: bool,
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        this.call.offer.take();
        if *this.ended {
            return Poll::Ready(None);
        }
        match this.body.poll_frame(context) {
            Poll::Pending if this.leaving.poll(context).is_ready() => {
                *this.ended = true;
                let mut trailers = HeaderMap::new();
                let added = shutting_down().add_header(&mut trailers);
                Poll::Ready(Some(added.map(|()| Frame::trailers(trailers))))
            }
            Poll::Pending => Poll::Pending,
            frame => {
                this.call.offer.keep();
                frame
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
