//! Connections that leave deadlines to the services. Those of tonic end a call by themselves when its deadline passes, and so hide
//! what the service says.

use std::net::SocketAddr;

use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use orders_proto::orders::v1::{
    order_command_service_client::OrderCommandServiceClient,
    order_query_service_client::OrderQueryServiceClient,
};
use tokio::net::TcpStream;
use tonic::{
    body::Body,
    codegen::http::{Request, Response, Uri},
};
use tower::util::BoxCloneSyncService;

/// One connection. It is cut when the last clone is dropped.
type Plain = BoxCloneSyncService<Request<Body>, Response<Incoming>, hyper::Error>;

/// Clients of both services, each with a connection of its own.
#[derive(Clone)]
pub(crate) struct PlainClients {
    pub(crate) commands: OrderCommandServiceClient<Plain>,
    pub(crate) queries: OrderQueryServiceClient<Plain>,
}

impl PlainClients {
    pub(crate) async fn connect(commands: SocketAddr, queries: SocketAddr) -> Self {
        let (commands, commands_uri) = plain(commands).await;
        let (queries, queries_uri) = plain(queries).await;
        Self {
            commands: OrderCommandServiceClient::with_origin(commands, commands_uri),
            queries: OrderQueryServiceClient::with_origin(queries, queries_uri),
        }
    }
}

async fn plain(address: SocketAddr) -> (Plain, Uri) {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let send = tower::service_fn(move |request| {
        let mut sender: http2::SendRequest<Body> = sender.clone();
        async move {
            sender.ready().await?;
            sender.send_request(request).await
        }
    });
    (BoxCloneSyncService::new(send), format!("http://{address}").parse().unwrap())
}
