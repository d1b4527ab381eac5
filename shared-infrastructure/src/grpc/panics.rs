//! A panic in a handler ends its call with INTERNAL, and nothing else.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Response};
use http_body::{Body as _, Frame, SizeHint};
use tonic::{Status, body::Body};

use crate::{errors::Failure, panic_text::panic_text};

/// The answer, or INTERNAL if making it panics, be it the head or a message of the stream that follows.
pub(super) async fn caught(answer: impl Future<Output = Response<Body>>) -> Response<Body> {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(answer) if answer.body().is_end_stream() => answer,
        Ok(answer) => answer.map(|body| Body::new(Caught { body, ended: false })),
        Err(panic) => status(panic.as_ref()).into_http(),
    }
}

fn status(panic: &(dyn Any + Send)) -> Status {
    Failure::incident(&format!("a handler panicked: {}", panic_text(panic))).into_status()
}

pin_project_lite::pin_project! {
    /// A response stream in which a panic becomes the trailers of a failed call; unguarded, it would look like the
    /// stream's normal end.
    struct Caught {
        #[pin]
        body: Body,
        ended: bool,
    }
}

impl http_body::Body for Caught {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        catch_unwind(AssertUnwindSafe(|| this.body.poll_frame(context))).unwrap_or_else(|panic| {
            *this.ended = true;
            let mut trailers = HeaderMap::new();
            Poll::Ready(match status(panic.as_ref()).add_header(&mut trailers) {
                Ok(()) => Some(Ok(Frame::trailers(trailers))),
                Err(status) => Some(Err(status)),
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::{BodyExt, StreamBody};
    use tonic::Code;

    use super::*;

    #[tokio::test]
    async fn a_panicking_handler_answers_internal() {
        let answer = caught(async { panic!("with a secret") }).await;
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
    }

    #[tokio::test]
    async fn a_panicking_stream_ends_with_internal() {
        let mut sent = false;
        let frames = stream::poll_fn(move |_| {
            assert!(!sent, "the second message panics");
            sent = true;
            Poll::Ready(Some(Ok::<_, Status>(Frame::data(Bytes::from_static(b"first")))))
        });
        let answer = caught(async { Response::new(Body::new(StreamBody::new(frames))) }).await;
        let collected = answer.into_body().collect().await.unwrap();
        let status = Status::from_header_map(collected.trailers().unwrap()).unwrap();
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(collected.to_bytes(), "first");
    }
}
