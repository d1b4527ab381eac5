//! The wiring of command-service: what is plugged into what.

use std::{future::Future, net::SocketAddr, time::Duration};

use command_application::Commands;
use command_infrastructure::{
    SystemClock, UuidV7Generator,
    api::OrderCommandApi,
    messaging::{NatsPublisher, Relay},
    persistence::{Batched, PostgresOrderRepository},
    projections::{Following, follow},
};
use shared_infrastructure::{
    auth::Provider,
    database::{self, Access, migrations},
    grpc::{CallLimits, Server},
    ops::{Ops, Readiness},
    start::StartError,
    tls::ServerTls,
};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{projections, relay};

/// How long a statement that calls share may wait for a lock, since all of them wait with it.
const SHARED_LOCK_TIMEOUT: Duration = Duration::from_millis(100);

/// How long commits that nobody waits for may take at the end.
const LANES_TIMEOUT: Duration = Duration::from_secs(4);

/// How long the relay and the projections may take to end, beside these commits. The relay gives up by itself after 2 s, and then gives
/// back its lease.
const FOLLOWERS_TIMEOUT: Duration = Duration::from_secs(3);

/// A command-service that clients can connect to, and that serves them once it runs.
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    server: Server<Provider>,
    lanes: TaskTracker,
    relay: Option<Relay<NatsPublisher>>,
    projections: Option<Following>,
    drain: Duration,
    /// Ends with the app.
    ops: Option<Ops>,
}

impl App {
    /// Wires the service, listens, and makes sure that the database answers and has the schema this program needs.
    ///
    /// # Errors
    /// [`StartError`] if the configuration cannot be used, the schema is behind, or the database is out of reach.
    pub async fn bind(config: &super::ServeConfig) -> Result<Self, StartError> {
        let authenticator = Provider::new(&config.auth, &config.tls, config.listen.listen_address).await?;
        let tls = ServerTls::start(&config.tls, config.listen.listen_address)?;
        let connect = |args, size| database::connect(args, size, Access::ReadWrite, "command-service");
        let pool = connect(&config.database, config.database.database_pool_size)?;
        // Each lane has a connection of its own, which no other call can take. Loads wait for no order that is being changed.
        let mut hasty = config.database.clone();
        hasty.database_lock_timeout = hasty.database_lock_timeout.min(SHARED_LOCK_TIMEOUT);
        let (loads, commits) =
            (connect(&config.database, config.load_lanes)?, connect(&hasty, config.commit_lanes)?);
        let relay = relay::relay(&config.relay, &config.database).await?;
        let projections = projections::following(&config.projections, &config.database)?;
        let listener = config.listen.bind().await?;
        // From the beginning: a migration may take longer than a probe waits.
        let readiness = Readiness::default();
        let ops = config.ops.start(vec![connect(&config.database, 1)?], readiness.clone()).await?;
        if let Some(owner) = config.migration.connection(&config.database.url)? {
            migrations::run_pending(&owner).await?;
        }
        migrations::ensure_current(&pool).await?;
        database::ensure_english(&pool).await?;
        database::ensure_may_write(&pool, "orders").await?;

        let lanes = TaskTracker::new();
        let loads = Batched { pool: loads, limits: config.batch.limits(config.load_lanes) };
        let commits = Batched { pool: commits, limits: config.batch.limits(config.commit_lanes) };
        let orders = PostgresOrderRepository::new(pool, loads, commits, config.database.patience(), &lanes);
        let commands = Commands::new(orders, SystemClock, UuidV7Generator);
        let limits = CallLimits { commands: Some(config.max_concurrent_commands), ..config.calls.limits() };
        let server = Server::new(authenticator)
            .encrypted(tls)
            .connections(config.connections.limits(&config.calls)?)
            .limits(limits)
            .readiness(readiness)
            .shutdown_delay(config.listen.shutdown_delay)
            .service(OrderCommandApi::new(commands).into_service());
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            server,
            lanes,
            relay,
            projections,
            drain: config.listen.drain_timeout,
            ops,
        })
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

    /// Serves until `shutdown` completes and the calls under way have ended; what callers who left had waiting is then
    /// committed, and what the relay is publishing acknowledged.
    ///
    /// # Errors
    /// [`StartError::Failed`] if the relay or the projections ended by themselves, which ends the service too.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
        let stop = CancellationToken::new();
        let _all_end = stop.clone().drop_guard();
        let mut followers = JoinSet::new();
        if let Some(relay) = self.relay {
            followers.spawn(relay.run(stop.clone()));
        }
        if let Some(following) = self.projections {
            followers.spawn(follow(following, stop.clone()));
        }
        let mut result = Ok(());
        let end = async {
            tokio::select! {
                () = shutdown => {}
                Some(ended) = followers.join_next() => {
                    let failure = relay::ended_by_itself(ended);
                    tracing::error!(error = %failure, "the service stops");
                    result = Err(failure);
                }
            }
        };
        self.server.serve(self.listener, self.drain, end).await;
        stop.cancel();
        self.lanes.close();
        let followers = async { while followers.join_next().await.is_some() {} };
        let (commits, followers) =
            tokio::join!(timeout(LANES_TIMEOUT, self.lanes.wait()), timeout(FOLLOWERS_TIMEOUT, followers));
        if commits.is_err() {
            tracing::warn!("gave up on commits that nobody waits for");
        }
        if followers.is_err() {
            tracing::warn!("gave up on the relay and the projections: who comes next goes on where they are");
        }
        result
    }
}
