//! An answer on its way out: the large ones that are on their way may be so large together, and each ends with UNAVAILABLE when its
//! connection cannot wait for it any longer.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use orders_proto::orders::v1::ErrorReason;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Status, body::Body};

use super::{
    life::{CallLife, Pressure},
    room::{Room, SMALL, Share},
};
use crate::errors::Failure;

/// When to come back if there is no room.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// What all answers of a server share.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) room: Room,
    pub(super) pressure: Pressure,
}

/// When an answer is not waited for any longer, and what its caller is told then.
#[derive(Debug, Clone)]
pub(super) struct Leaving {
    pub(super) token: CancellationToken,
    /// Whether the call may have changed something by then.
    pub(super) is_command: bool,
}

impl Leaving {
    fn status(&self) -> Status {
        let (reason, message) = match self.is_command {
            true => (
                ErrorReason::OutcomeUnknown,
                "the server closes this connection, and the command may have taken effect: send it again with the same request_id, on another one",
            ),
            false => {
                (ErrorReason::ShuttingDown, "the server closes this connection: call again, on another one")
            }
        };
        Failure::new(reason, message).into_status()
    }
}

/// The answer to a call, or UNAVAILABLE once `leaving` says so, be it in place of the head or in the stream that follows.
pub(super) async fn before(
    leaving: Leaving,
    mut call: CallLife,
    outgoing: Outgoing,
    answer: impl Future<Output = Response<Body>>,
) -> Response<Answer> {
    let answer = tokio::select! {
        biased;
        answer = answer => answer,
        () = leaving.token.cancelled() => leaving.status().into_http(),
    };
    call.offer.keep();
    let Outgoing { room, pressure } = outgoing;
    answer.map(|body| Answer {
        body,
        call,
        left: leaving.token.clone().cancelled_owned(),
        leaving,
        rest: Bytes::new(),
        share: room.share(),
        pressure,
        ended: false,
    })
}

pin_project_lite::pin_project! {
    /// What follows an answer's head. It goes out in small pieces: what the connection has taken from here, it keeps for its client,
    /// and nobody counts it.
    pub(super) struct Answer {
        #[pin]
        body: Body,
        call: CallLife,
        leaving: Leaving,
        #[pin]
        left: WaitForCancellationFutureOwned,
        // Of a message.
        rest: Bytes,
        share: Share,
        pressure: Pressure,
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
        let ended = |status: Status| {
            let mut trailers = HeaderMap::new();
            let added = status.add_header(&mut trailers);
            Poll::Ready(Some(added.map(|()| Frame::trailers(trailers))))
        };
        if this.rest.is_empty() {
            match this.body.poll_frame(context) {
                Poll::Pending if this.left.poll(context).is_ready() => {
                    *this.ended = true;
                    return ended(this.leaving.status());
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => *this.rest = data,
                    Err(other) => {
                        this.call.offer.keep();
                        return Poll::Ready(Some(Ok(other)));
                    }
                },
                end => {
                    this.call.offer.keep();
                    return end;
                }
            }
            if !this.share.fits(memory_of(this.rest)) {
                (*this.ended, *this.rest) = (true, Bytes::new());
                this.pressure.rise();
                return ended(no_room(this.leaving.is_command));
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(SMALL));
        if this.rest.is_empty() {
            this.share.fits(0);
        }
        this.call.offer.keep();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || (self.rest.is_empty() && self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a message may take up until its last piece is gone: the buffer that it is in was doubled whenever it was full.
const fn memory_of(message: &Bytes) -> usize {
    match message.len() {
        small @ ..=SMALL => small,
        large => 2 * large,
    }
}

/// What the caller is told whose answer there is no room for. A command was carried out by then.
fn no_room(is_command: bool) -> Status {
    let failure = match is_command {
        true => Failure::new(
            ErrorReason::OutcomeUnknown,
            "too many large answers at a time, and the command may have taken effect: send it again with the same request_id",
        ),
        false => Failure::new(ErrorReason::Overloaded, "too many large answers at a time"),
    };
    failure.retry_after(RETRY_DELAY).into_status()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body::Body as _;
    use http_body_util::{BodyExt, Full};
    use tokio::time::timeout;
    use tonic::Code;
    use tonic_types::StatusExt;

    use super::*;
    use crate::grpc::life::Life;

    const LARGE: usize = 5 * SMALL / 2;

    fn outgoing(bytes: usize) -> Outgoing {
        Outgoing { room: Room::of(bytes), pressure: Pressure::default() }
    }

    async fn answered(bytes: usize, life: &Arc<Life>, outgoing: &Outgoing) -> Pin<Box<Answer>> {
        answered_to(false, bytes, life, outgoing).await
    }

    async fn answered_to(
        is_command: bool,
        bytes: usize,
        life: &Arc<Life>,
        outgoing: &Outgoing,
    ) -> Pin<Box<Answer>> {
        let leaving = Leaving { token: CancellationToken::new(), is_command };
        let message = (0..=u8::MAX).cycle().take(bytes).collect::<Vec<_>>();
        let answer = async { Response::new(Body::new(Full::new(Bytes::from(message)))) };
        let answer = before(leaving, CallLife::begin(life), outgoing.clone(), answer).await;
        Box::pin(answer.into_body())
    }

    fn status(frame: Frame<Bytes>) -> Status {
        Status::from_header_map(frame.trailers_ref().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_large_message_goes_out_in_small_pieces_and_takes_room_until_the_last() {
        let (life, outgoing) = (Arc::default(), outgoing(2 * LARGE));
        let mut answer = answered(LARGE, &life, &outgoing).await;
        let (mut pieces, mut taken) = (vec![], vec![]);
        while let Some(piece) = answer.frame().await {
            pieces.push(piece.unwrap().into_data().unwrap());
            taken.push(outgoing.room.taken());
            assert_eq!(answer.is_end_stream(), pieces.len() == 3);
        }
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [SMALL, SMALL, SMALL / 2]);
        assert!(pieces.concat().into_iter().eq((0..=u8::MAX).cycle().take(LARGE)));
        assert_eq!(taken, [2 * LARGE, 2 * LARGE, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_there_is_no_room_for_is_refused_and_who_leaves_an_answer_lying_makes_room() {
        let (lazy, busy, outgoing) = (Arc::default(), Arc::default(), outgoing(2 * LARGE));
        let mut left = answered(LARGE, &lazy, &outgoing).await;
        assert!(left.frame().await.unwrap().unwrap().is_data());
        let stalled = async {
            let limit = Duration::from_secs(3_600);
            timeout(Duration::from_secs(5), lazy.stalled(limit, &outgoing.pressure)).await.unwrap();
        };
        let refused = async {
            for _ in 0..3 {
                let mut answer = answered(LARGE, &busy, &outgoing).await;
                let refused = status(answer.frame().await.unwrap().unwrap());
                assert_eq!(refused.code(), Code::ResourceExhausted);
                assert_eq!(refused.get_error_details().error_info().unwrap().reason, "OVERLOADED");
                assert!(answer.frame().await.is_none());
                assert!(answered(SMALL, &busy, &outgoing).await.frame().await.unwrap().unwrap().is_data());
                tokio::time::sleep(RETRY_DELAY).await;
            }
        };
        tokio::join!(stalled, refused);
        drop(left);
        assert!(answered(LARGE, &busy, &outgoing).await.frame().await.unwrap().unwrap().is_data());
    }

    #[tokio::test]
    async fn a_command_whose_answer_there_is_no_room_for_may_have_taken_effect() {
        let (life, outgoing) = (Arc::default(), outgoing(LARGE));
        let mut answer = answered_to(true, LARGE, &life, &outgoing).await;
        let refused = status(answer.frame().await.unwrap().unwrap());
        assert_eq!(refused.code(), Code::Unavailable);
        assert_eq!(refused.get_error_details().error_info().unwrap().reason, "OUTCOME_UNKNOWN");
    }

    #[tokio::test]
    async fn a_command_that_is_not_waited_for_may_have_taken_effect() {
        for (is_command, reason) in [(true, "OUTCOME_UNKNOWN"), (false, "SHUTTING_DOWN")] {
            let leaving = Leaving { token: CancellationToken::new(), is_command };
            leaving.token.cancel();
            let call = CallLife::begin(&Arc::default());
            let answer = before(leaving, call, outgoing(0), std::future::pending()).await;
            let status = Status::from_header_map(answer.headers()).unwrap();
            assert_eq!(status.code(), Code::Unavailable);
            assert_eq!(status.get_error_details().error_info().unwrap().reason, reason);
        }
    }
}
