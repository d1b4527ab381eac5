//! Connections that leave deadlines to the services. Those of tonic end a call by themselves when its deadline passes, and so hide
//! what the service says.

use std::net::SocketAddr;

use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use orders_proto::orders::v1::{
    order_command_service_client::OrderCommandServiceClient,
    order_query_service_client::OrderQueryServiceClient,
};
use tokio::{net::TcpStream, task::AbortHandle};
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
    connections: [AbortHandle; 2],
    pub(crate) commands: OrderCommandServiceClient<Plain>,
    pub(crate) queries: OrderQueryServiceClient<Plain>,
}

impl PlainClients {
    pub(crate) async fn connect(commands: SocketAddr, queries: SocketAddr) -> Self {
        let (commands, commands_uri, commands_connection) = plain(commands).await;
        let (queries, queries_uri, queries_connection) = plain(queries).await;
        Self {
            connections: [commands_connection, queries_connection],
            commands: OrderCommandServiceClient::with_origin(commands, commands_uri),
            queries: OrderQueryServiceClient::with_origin(queries, queries_uri),
        }
    }

    /// Resets both connections, as a machine does that has lost its own end of them.
    pub(crate) fn reset(&self) {
        self.connections.iter().for_each(AbortHandle::abort);
    }
}

async fn plain(address: SocketAddr) -> (Plain, Uri, AbortHandle) {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_zero_linger().unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection).abort_handle();
    let send = tower::service_fn(move |request| {
        let mut sender: http2::SendRequest<Body> = sender.clone();
        async move {
            sender.ready().await?;
            sender.send_request(request).await
        }
    });
    (BoxCloneSyncService::new(send), format!("http://{address}").parse().unwrap(), connection)
}
