//! The wiring of query-service: what is plugged into what.

use std::{future::Future, net::SocketAddr, time::Duration};

use query_infrastructure::{
    api::OrderQueryApi,
    persistence::{Databases, PostgresOrderFeed},
};
use shared_infrastructure::{
    auth::Provider,
    grpc::Server,
    ops::{Ops, Readiness},
    start::StartError,
    tls::ServerTls,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::databases;

/// A query-service that clients can connect to, and that serves them once it runs.
#[derive(Debug)]
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    server: Server<Provider>,
    drain: Duration,
    /// Ends with the app.
    ops: Option<Ops>,
}

impl App {
    /// Wires the service, listens, and makes sure that a database answers and has the schema this program needs.
    ///
    /// # Errors
    /// [`StartError`] if the configuration cannot be used, the schema is behind, or no database is within reach.
    pub async fn bind(config: &super::ServeConfig) -> Result<Self, StartError> {
        let authenticator = Provider::new(&config.auth, &config.tls, config.listen.listen_address).await?;
        let tls = ServerTls::start(&config.tls, config.listen.listen_address)?;
        let pools = databases::pools(config)?;
        let listener = config.listen.bind().await?;
        // From the beginning: the databases may take longer than a probe waits.
        let readiness = Readiness::default();
        let ops = config.ops.start(databases::looks(config)?, readiness.clone()).await?;
        let orders = Databases::open(pools, config.read_wait_limit).await?;
        let patience = config.database.patience();
        let feed = PostgresOrderFeed::start(orders.clone(), patience, config.watch.feed_poll_interval);
        // Ends what would never end by itself.
        let stopping = CancellationToken::new();
        let api = OrderQueryApi::new(orders, feed, config.watch.limits(), stopping.clone());
        let server = Server::new(authenticator)
            .encrypted(tls)
            .connections(config.connections.limits(&config.calls)?)
            .limits(config.call_limits())
            .readiness(readiness)
            .shutdown_delay(config.listen.shutdown_delay)
            .draining(stopping)
            .service(api.into_service());
        let address = listener.local_addr()?;
        Ok(Self { listener, address, server, drain: config.listen.drain_timeout, ops })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the operations listener, if there is one.
    #[must_use]
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops.as_ref().map(Ops::address)
    }

    /// Serves until `shutdown` completes and the calls under way have ended.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        self.server.serve(self.listener, self.drain, shutdown).await;
    }
}
