//! One HTTP/2 connection, from the accept to its end.
//!
//! What a connection can hold at most: so many streams, each with a window for what comes in and a buffer for what goes out.
//! docs/reliability.md adds it up.

use std::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use http::Response;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::Notify,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    ConnectionLimits,
    admission::ConnectionPlace,
    answer::{self, Answer, Leaving, Outgoing},
    class::{self, Class},
    coalesced::{Coalesced, Turn},
    life::{CallLife, End, Life, Offer},
    opening::Opening,
    pipeline::Pipeline,
    request_body::{Arrival, RequestBody},
    room::Room,
};
use crate::{
    auth::{Authenticator, Peer},
    tls::{ServerTls, Stream},
};

/// Most bytes of a request's headers. What is more gets no answer of gRPC; what calls may bring is less.
const HEADER_LIST_LIMIT: u32 = 32 * 1024;

/// Most calls at once on one connection.
const CONCURRENT_CALLS: u32 = 128;

/// How many streams a client may break before it is told to leave.
const BROKEN_CALLS: usize = 256;

/// Most bytes on their way in that nobody has read yet, of a call and of a connection.
const WINDOWS: (u32, u32) = (64 * 1024, 256 * 1024);

/// Most bytes of an answer on their way out.
const SEND_BUFFER: usize = 64 * 1024;

/// How long a connection may be silent before it is pinged, and how long the answer may take.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// How long the last answers have to get out.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Streams of small questions.
const QUESTIONS: &str = "/grpc.reflection.";

/// How connections are told to end.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending {
    /// Take no new calls, finish those under way.
    pub(super) drain: CancellationToken,
    /// Refuse what is still under way, and close.
    pub(super) leave: CancellationToken,
}

/// What all connections of a server share.
pub(super) struct Shared<A> {
    pub(super) pipeline: Pipeline<A>,
    pub(super) tls: Option<ServerTls>,
    pub(super) limits: ConnectionLimits,
    /// For requests on their way in.
    pub(super) incoming: Room,
    pub(super) outgoing: Outgoing,
    pub(super) ending: Ending,
}

impl<A> Clone for Shared<A> {
    fn clone(&self) -> Self {
        Self {
            pipeline: self.pipeline.clone(),
            tls: self.tls.clone(),
            limits: self.limits,
            incoming: self.incoming.clone(),
            outgoing: self.outgoing.clone(),
            ending: self.ending.clone(),
        }
    }
}

/// Serves the calls that come over `stream` until the client leaves, the connection's time is up, or the server ends.
pub(super) async fn serve<A: Authenticator>(
    stream: TcpStream,
    address: SocketAddr,
    shared: Shared<A>,
    _place: ConnectionPlace,
) {
    let Shared { pipeline, tls, limits, incoming, outgoing, ending } = shared;
    let open_until = Instant::now() + limits.open;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%address, %error, "a connection broke at once");
        return;
    }
    let Some((stream, peer)) = secured(stream, address, tls, open_until, &ending).await else { return };
    let (life, opened, leaving) =
        (Arc::new(Life::default()), Arc::new(Notify::new()), ending.leave.child_token());
    let pressure = outgoing.pressure.clone();
    let calls = Calls {
        pipeline,
        peer,
        life: Arc::clone(&life),
        incoming,
        outgoing,
        arrival: limits.request,
        drain: ending.drain.clone(),
        leaving: leaving.clone(),
    };
    let service = service_fn(move |request| calls.answer(request));
    let turn = Turn::default();
    let stream = Opening::new(stream, Arc::clone(&opened), Offer::none(&life));
    let stream = Coalesced::new(TokioIo::new(stream), turn.clone());
    let mut connection = pin!(builder().serve_connection(stream, service));
    let said = |result: hyper::Result<()>| {
        if let Err(error) = result {
            tracing::debug!(%address, %error, "a connection broke");
        }
    };

    tokio::select! {
        result = turn.count(connection.as_mut()) => return said(result),
        opened = timeout_at(open_until, opened.notified()) => {
            if opened.is_err() {
                tracing::debug!(%address, "a connection was not opened in time");
                return;
            }
        }
        () = ending.drain.cancelled() => {
            // Whoever has just come may have called already.
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = turn.count(connection.as_mut()) => return said(result),
                opened = timeout(LAST_WORDS, opened.notified()) => if opened.is_err() { return },
            }
        }
    }
    tokio::select! {
        result = turn.count(connection.as_mut()) => return said(result),
        end = life.end(&limits, &pressure) => {
            tracing::debug!(%address, ?end, "a connection has to end");
            if end == End::Stalled {
                return;
            }
        }
        () = ending.drain.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        result = turn.count(connection.as_mut()) => return said(result),
        () = life.stalled(limits.answer, &pressure) => return,
        () = sleep(limits.grace) => {}
        () = leaving.cancelled() => {}
    }
    leaving.cancel();
    if let Ok(result) = timeout(LAST_WORDS, turn.count(connection)).await {
        said(result);
    }
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_LIST_LIMIT)
        .max_concurrent_streams(CONCURRENT_CALLS)
        .max_pending_accept_reset_streams(CONCURRENT_CALLS as usize)
        .max_local_error_reset_streams(BROKEN_CALLS)
        .initial_stream_window_size(WINDOWS.0)
        .initial_connection_window_size(WINDOWS.1)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1);
    builder
}

/// The stream that calls come over, and who is at its other end; none if no hands were shaken.
async fn secured(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<ServerTls>,
    open_until: Instant,
    ending: &Ending,
) -> Option<(Stream, Peer)> {
    let Some(tls) = tls else { return Some((Stream::Plain(stream), Peer::default())) };
    let accepted = tokio::select! {
        accepted = timeout_at(open_until, tls.accept(stream)) => accepted,
        () = ending.drain.cancelled() => return None,
    };
    match accepted {
        Ok(Ok((stream, certificates))) => Some((stream, Peer { certificates })),
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "a client could not shake hands");
            None
        }
        Err(_) => {
            tracing::debug!(%address, "a client did not shake hands in time");
            None
        }
    }
}

/// What the calls over one connection have in common.
struct Calls<A> {
    pipeline: Pipeline<A>,
    peer: Peer,
    life: Arc<Life>,
    incoming: Room,
    outgoing: Outgoing,
    /// How long a request, or each message of a stream, may take to arrive.
    arrival: Duration,
    drain: CancellationToken,
    leaving: CancellationToken,
}

impl<A: Authenticator> Calls<A> {
    fn answer(
        &self,
        mut request: http::Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Answer>, Infallible>> + Send + use<A> {
        let call = CallLife::begin(&self.life);
        request.extensions_mut().insert(self.peer.clone());
        let path = request.uri().path();
        let questions = path.starts_with(QUESTIONS);
        let arrival = match questions || class::streams(path) {
            true => Arrival::Messages(self.arrival),
            false => Arrival::Whole(self.arrival),
        };
        // Who may ask one more question at any time would hold up the end.
        let token = if questions { &self.drain } else { &self.leaving };
        let leaving = Leaving { token: token.clone(), is_command: Class::of(path) == Class::Command };
        let request = request.map(|body| RequestBody::new(body, arrival, &self.incoming));
        let (pipeline, outgoing) = (self.pipeline.clone(), self.outgoing.clone());
        async move { Ok(answer::before(leaving, call, outgoing, pipeline.answer(request)).await) }
    }
}
