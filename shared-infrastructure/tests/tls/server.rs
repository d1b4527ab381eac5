//! A server with TLS, whose only method says how many certificates the caller showed.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    path::Path,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use shared_domain::{Actor, ActorKind, Caller, TenantId};
use shared_infrastructure::{
    auth::{self, Authenticator, Peer},
    config::{ClientAuth, TlsArgs},
    grpc::Server,
    tls::ServerTls,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::{Status, body::Body, metadata::MetadataMap, server::NamedService};
use tonic_prost::ProstCodec;
use tower::Service;

use crate::certificates::Authority;

/// A running server, the folder with its files, and who signed them.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
}

/// The flags for the files of a folder; the authority of clients is in `clients.pem`.
pub(crate) fn flags(folder: &Path, client_auth: Option<ClientAuth>) -> TlsArgs {
    TlsArgs {
        tls_certificate_file: Some(folder.join("server.pem")),
        tls_key_file: Some(folder.join("server.key")),
        tls_client_ca_file: client_auth.map(|_| folder.join("clients.pem")),
        tls_client_auth: client_auth.unwrap_or_default(),
    }
}

/// Starts a server, which asks for certificates of `clients` if it is told to.
pub(crate) async fn start(clients: Option<(&Authority, ClientAuth)>) -> Running {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    authority.sign("localhost").write(folder.path(), "server");
    if let Some((clients, _)) = clients {
        std::fs::write(folder.path().join("clients.pem"), clients.text()).unwrap();
    }
    let flags = flags(folder.path(), clients.map(|(_, client_auth)| client_auth));
    let address = serve(&flags).await;
    Running { address, folder, authority }
}

/// Serves on a free port.
pub(crate) async fn serve(flags: &TlsArgs) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = ServerTls::start(flags, address).unwrap();
    let server = Server::new(Count).encrypted(tls).service(Who);
    tokio::spawn(server.serve(listener, Duration::ZERO, std::future::pending()));
    address
}

/// Names callers by the number of their certificates.
struct Count;

impl Authenticator for Count {
    async fn authenticate(&self, _metadata: &MetadataMap, peer: &Peer) -> Result<Caller, Status> {
        let actor = Actor { kind: ActorKind::User, subject: peer.certificates.len().to_string() };
        Ok(Caller {
            tenant: TenantId::new("default").unwrap(),
            actor,
            scopes: std::collections::BTreeSet::from(["*".to_owned()]),
        })
    }
}

#[derive(Clone)]
struct Who;

impl NamedService for Who {
    const NAME: &'static str = "orders.v1.OrderQueryService";
}

impl Service<Request<Body>> for Who {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default());
        Box::pin(async move { Ok(grpc.unary(Handler, request).await) })
    }
}

struct Handler;

impl tonic::server::UnaryService<String> for Handler {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<String>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<String>) -> Self::Future {
        Box::pin(
            async move { auth::caller(&request).map(|caller| tonic::Response::new(caller.actor.subject)) },
        )
    }
}
