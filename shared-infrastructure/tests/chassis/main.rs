//! The gRPC chassis over real connections, seen by a client that speaks bare HTTP/2 and so hides nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "what was reached is wanted in figures")]

mod abuse;
mod calls;
mod client;
mod ending;
mod frames;
mod limits;
mod public;
mod service;
mod ways;

use std::{future::Future, net::SocketAddr, time::Duration};

use shared_domain::TenantId;
use shared_infrastructure::{
    auth::NoAuthentication,
    grpc::{CallLimits, ConnectionLimits, Server},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::service::TestService;

/// A running server.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(drain: Duration) -> Running {
    start_with(drain, ConnectionLimits::default()).await
}

async fn start_with(drain: Duration, limits: ConnectionLimits) -> Running {
    started(drain, |server| server.connections(limits)).await
}

async fn start_limited(drain: Duration, limits: CallLimits) -> Running {
    started(drain, |server| server.limits(limits)).await
}

async fn started(
    drain: Duration,
    set_up: impl FnOnce(Server<NoAuthentication>) -> Server<NoAuthentication>,
) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let authenticator = NoAuthentication::new(TenantId::new("default").unwrap(), address).unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = set_up(Server::new(authenticator)).service(TestService);
    let ended = tokio::spawn(server.serve(listener, drain, async {
        if stopped.await.is_err() {
            std::future::pending().await
        }
    }));
    Running { address, stop, ended }
}

/// Fails the test, in place of hanging it.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("took longer than 10 s")
}
