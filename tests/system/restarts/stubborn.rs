//! Clients who hold on to a service whatever it says: one that is silent, one that takes no byte of its answer, and ones that watch and
//! do not read what they are told.

use std::net::SocketAddr;

use h2::client::ResponseFuture;
use http::Request;
use local_stack::Service;
use orders_proto::orders::v1::{
    AddOrderNoteRequest, GetOrderRequest, NoteVisibility, WatchOrdersRequest, WatchOrdersResponse,
};
use prost::{
    Message,
    bytes::{BufMut, Bytes, BytesMut},
};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::AbortHandle};
use tonic::Streaming;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_client::HealthClient};

use crate::support::{Queries, channel};

/// They hold on until this is dropped.
pub(super) struct Stubborn {
    _silent: [TcpStream; 2],
    _unread: ResponseFuture,
    deaf: AbortHandle,
    _health: Streaming<HealthCheckResponse>,
    _watch: Option<Streaming<WatchOrdersResponse>>,
}

impl Stubborn {
    pub(super) async fn hold(service: Service, address: SocketAddr, order: &str) -> Self {
        let silent = TcpStream::connect(address).await.unwrap();
        let mut greeted = TcpStream::connect(address).await.unwrap();
        greeted.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let (unread, deaf) = deaf(service, address, order).await;
        let health = HealthClient::new(channel(address).await).watch(HealthCheckRequest::default()).await;
        let watch = match service {
            Service::Command => None,
            Service::Query => {
                let mut queries = Queries::new(channel(address).await);
                let watch = queries.watch_orders(WatchOrdersRequest::default()).await;
                Some(watch.unwrap().into_inner())
            }
        };
        Self {
            _silent: [silent, greeted],
            _unread: unread,
            deaf,
            _health: health.unwrap().into_inner(),
            _watch: watch,
        }
    }
}

impl Drop for Stubborn {
    fn drop(&mut self) {
        self.deaf.abort();
    }
}

/// A call on a connection whose windows for answers are empty.
async fn deaf(service: Service, address: SocketAddr, order: &str) -> (ResponseFuture, AbortHandle) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) =
        h2::client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream).await.unwrap();
    let connection = tokio::spawn(async move { drop(connection.await) }).abort_handle();
    let (method, message) = match service {
        Service::Command => {
            let note = AddOrderNoteRequest {
                name: order.to_owned(),
                text: "nobody listens".to_owned(),
                visibility: NoteVisibility::Internal.into(),
                ..AddOrderNoteRequest::default()
            };
            ("OrderCommandService/AddOrderNote", note.encode_to_vec())
        }
        Service::Query => {
            let get = GetOrderRequest { name: order.to_owned(), ..GetOrderRequest::default() };
            ("OrderQueryService/GetOrder", get.encode_to_vec())
        }
    };
    let request = Request::post(format!("http://{address}/orders.v1.{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap();
    let (answer, mut body) = sender.ready().await.unwrap().send_request(request, false).unwrap();
    body.send_data(framed(&message), true).unwrap();
    (answer, connection)
}

/// A message as gRPC sends it.
fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(5 + message.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap());
    frame.put_slice(message);
    frame.freeze()
}
