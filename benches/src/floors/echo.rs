//! A gRPC service that answers at once: what HTTP/2, gRPC and tonic cost by themselves.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use anyhow::Result;
use bytes::{Buf, BufMut, Bytes};
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{Grpc, NamedService, UnaryService},
    transport::{Server, server::TcpIncoming},
};
use tower::Service;

use crate::load::{Call, Workload};

const GET: &str = "/bench.Echo/Get";
const PLACE: &str = "/bench.Echo/Place";

/// The service. It has a method for each of two sizes of messages.
#[derive(Debug, Clone)]
struct Echo {
    get: Bytes,
    place: Bytes,
}

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

/// Serves on a free port, with answers of these lengths, until the process is ended. Calls `ready` with the port.
pub(crate) async fn serve(get: usize, place: usize, ready: impl FnOnce(u16)) -> Result<()> {
    let answer = |length| Bytes::from(vec![b'x'; length]);
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into())?.with_nodelay(Some(true));
    ready(incoming.local_addr()?.port());
    let echo = Echo { get: answer(get), place: answer(place) };
    Ok(Server::builder().add_service(echo).serve_with_incoming(incoming).await?)
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answer = if request.uri().path() == PLACE { self.place.clone() } else { self.get.clone() };
        Box::pin(async move { Ok(Grpc::new(Raw).unary(Answer(answer), request).await) })
    }
}

/// Answers every request with the same bytes.
struct Answer(Bytes);

impl UnaryService<Bytes> for Answer {
    type Response = Bytes;
    type Future = Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        ready(Ok(Response::new(self.0.clone())))
    }
}

/// Messages as they are.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(bytes.copy_to_bytes(bytes.remaining())))
    }
}

/// The requests of another workload, sent to this service.
pub(crate) struct Echoed<W> {
    inner: W,
    path: &'static str,
}

impl<W> Echoed<W> {
    /// Answered as a get is.
    pub(crate) fn get(inner: W) -> Self {
        Self { inner, path: GET }
    }

    /// Answered as a placement is.
    pub(crate) fn place(inner: W) -> Self {
        Self { inner, path: PLACE }
    }
}

impl<W: Workload> Workload for Echoed<W> {
    fn next_call(&mut self) -> Call<'_> {
        Call { path: self.path, ..self.inner.next_call() }
    }
}
