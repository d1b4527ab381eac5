//! The wiring of query-service: what is plugged into what.

use std::{future::Future, net::SocketAddr, time::Duration};

use query_infrastructure::{api::OrderQueryApi, persistence::PostgresOrderReadRepository};
use shared_infrastructure::{
    auth::Provider,
    database::{self, Access, migrations},
    grpc::Server,
    start::StartError,
};
use tokio::net::TcpListener;

/// A query-service that clients can connect to, and that serves them once it runs.
#[derive(Debug)]
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    server: Server<Provider>,
    drain: Duration,
}

impl App {
    /// Wires the service, listens, and makes sure that the database answers and has the schema this program needs.
    ///
    /// # Errors
    /// [`StartError`] if the configuration cannot be used, the schema is behind, or the database is out of reach.
    pub async fn bind(config: &super::ServeConfig) -> Result<Self, StartError> {
        let authenticator = Provider::new(&config.auth, config.listen.listen_address)?;
        let connect = |size| database::connect(&config.database, size, Access::ReadOnly, "query-service");
        let pool = connect(config.database.database_pool_size)?;
        // Each lane, of reads by id and of customers' pages, has a connection of its own, which no other call can take.
        let lanes = connect(2 * config.read_lanes)?;
        let listener = config.listen.bind().await?;
        migrations::ensure_current(&pool).await?;

        let orders = PostgresOrderReadRepository::new(
            pool,
            lanes,
            config.batch.limits(config.read_lanes),
            config.database.patience(),
        );
        let server = Server::new(authenticator).service(OrderQueryApi::new(orders).into_service());
        let address = listener.local_addr()?;
        Ok(Self { listener, address, server, drain: config.listen.drain_timeout })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes and the calls under way have ended.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        self.server.serve(self.listener, self.drain, shutdown).await;
    }
}
