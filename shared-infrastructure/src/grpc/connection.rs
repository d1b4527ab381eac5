//! One HTTP/2 connection, from the accept to its end.

use std::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, time::Duration};

use http::Response;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;

use super::{
    coalesced::{Coalesced, Turn},
    pipeline::Pipeline,
};
use crate::{
    auth::{Authenticator, Peer},
    tls::{ServerTls, Stream},
};

/// Most bytes of a request's headers.
const HEADER_LIST_LIMIT: u32 = 8 * 1024;

/// Most calls at once on one connection.
const CONCURRENT_CALLS: u32 = 128;

/// How long a connection may be silent before it is pinged, and how long the answer may take.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// How long a client may take to send its first byte.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a client may take to shake hands.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// How connections are told to end.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending {
    /// Take no new calls, finish those under way.
    pub(super) drain: CancellationToken,
    /// Close now.
    pub(super) cut: CancellationToken,
}

/// Serves the calls that come over `stream` until the client leaves or `ending` says so.
pub(super) async fn serve<A: Authenticator>(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<ServerTls>,
    pipeline: Pipeline<A>,
    ending: Ending,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%address, %error, "a connection broke at once");
        return;
    }
    if !opened(&stream, &ending).await {
        return;
    }
    let Some((stream, peer)) = secured(stream, address, tls, &ending).await else { return };
    let service = service_fn(move |request| answer(pipeline.clone(), peer.clone(), request));
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_LIST_LIMIT)
        .max_concurrent_streams(CONCURRENT_CALLS)
        .max_pending_accept_reset_streams(CONCURRENT_CALLS as usize)
        .keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1);

    let turn = Turn::default();
    let stream = Coalesced::new(TokioIo::new(stream), turn.clone());
    let mut connection = pin!(builder.serve_connection(stream, service));
    let result = tokio::select! {
        result = turn.count(connection.as_mut()) => result,
        () = ending.drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = turn.count(connection) => result,
                () = ending.cut.cancelled() => return,
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%address, %error, "a connection broke");
    }
}

/// Whether the client sends anything. hyper would wait for it without a bound, and at the end as well.
async fn opened(stream: &TcpStream, ending: &Ending) -> bool {
    let mut byte = [0];
    tokio::select! {
        first = timeout(FIRST_BYTE_TIMEOUT, stream.peek(&mut byte)) => matches!(first, Ok(Ok(1))),
        () = ending.drain.cancelled() => false,
    }
}

/// The stream that calls come over, and who is at its other end; none if no hands were shaken.
async fn secured(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<ServerTls>,
    ending: &Ending,
) -> Option<(Stream, Peer)> {
    let address = Some(address);
    let Some(tls) = tls else {
        return Some((Stream::Plain(stream), Peer { address, ..Peer::default() }));
    };
    let accepted = tokio::select! {
        accepted = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)) => accepted,
        () = ending.drain.cancelled() => return None,
    };
    match accepted {
        Ok(Ok((stream, certificates))) => Some((stream, Peer { address, certificates })),
        Ok(Err(error)) => {
            tracing::debug!(?address, %error, "a client could not shake hands");
            None
        }
        Err(_) => {
            tracing::debug!(?address, "a client did not shake hands in time");
            None
        }
    }
}

fn answer<A: Authenticator>(
    pipeline: Pipeline<A>,
    peer: Peer,
    mut request: http::Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + Send {
    request.extensions_mut().insert(peer);
    async move { Ok(pipeline.answer(request).await) }
}
