//! Calls whose answers are kept as the bytes that came over the wire.

use std::marker::PhantomData;

use prost::{
    Message,
    bytes::{Buf, Bytes},
};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};
use tonic_prost::{ProstCodec, ProstEncoder};

/// Calls a method, such as `/orders.v1.OrderQueryService/GetOrder`.
pub(crate) async fn raw_call<M: Message + 'static>(
    channel: &Channel,
    method: &'static str,
    request: M,
) -> Result<Bytes, Status> {
    raw_request(channel, method, Request::new(request)).await
}

/// The same, with metadata.
pub(crate) async fn raw_request<M: Message + 'static>(
    channel: &Channel,
    method: &'static str,
    request: Request<M>,
) -> Result<Bytes, Status> {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = RawAnswers(PhantomData);
    let answer = client.unary(request, PathAndQuery::from_static(method), codec).await?;
    Ok(answer.into_inner())
}

/// Encodes what is sent, and leaves alone what comes back.
struct RawAnswers<M>(PhantomData<M>);

impl<M: Message + 'static> Codec for RawAnswers<M> {
    type Encode = M;
    type Decode = Bytes;
    type Encoder = ProstEncoder<M>;
    type Decoder = Whole;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<M, ()>::raw_encoder(BufferSettings::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        Whole
    }
}

struct Whole;

impl Decoder for Whole {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
