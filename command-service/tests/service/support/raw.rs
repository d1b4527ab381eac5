//! Calls whose messages are bytes, both ways.

use bytes::{Buf, BufMut, Bytes};
use tonic::{
    Request, Response, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};

/// Calls a method of OrderCommandService with a message, whatever its bytes are.
pub(crate) async fn raw_call(
    channel: &Channel,
    method: &str,
    message: impl Into<Bytes>,
) -> Result<Response<Bytes>, Status> {
    raw_request(channel, method, Request::new(message.into())).await
}

/// The same, with metadata.
pub(crate) async fn raw_request(
    channel: &Channel,
    method: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Status> {
    ready(channel).await?.unary(request, path(method), Whole).await
}

/// Calls a method that takes a stream of messages.
pub(crate) async fn raw_stream(
    channel: &Channel,
    method: &str,
    messages: Vec<Bytes>,
) -> Result<Response<Bytes>, Status> {
    let mut grpc = ready(channel).await?;
    grpc.client_streaming(Request::new(futures_util::stream::iter(messages)), path(method), Whole).await
}

async fn ready(channel: &Channel) -> Result<Grpc<Channel>, Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    Ok(grpc)
}

fn path(method: &str) -> PathAndQuery {
    format!("/orders.v1.OrderCommandService/{method}").parse().unwrap()
}

/// Leaves messages as they are.
struct Whole;

impl Codec for Whole {
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

impl Encoder for Whole {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Whole {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
