//! The pool of connections, each of which is set up to let nothing hang.

use std::time::Duration;

use ::deadpool::managed::QueueMode;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool,
};
use futures_util::FutureExt;

use super::{Config, Connection, connection::establish};
use crate::config::{ConfigError, DatabaseArgs};

/// The pool of connections of a process.
pub type Pool = deadpool::Pool<Connection>;

/// A connection on loan from the pool.
pub type PooledConnection = deadpool::Object<Connection>;

/// Why the pool could lend no connection.
pub type PoolError = deadpool::PoolError;

/// How often PostgreSQL looks, during a statement, whether its client is still there.
const CLIENT_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// After how long a server that the network has lost is given up, in the middle of a statement or between two.
const PEER_LOST: Duration = Duration::from_secs(20);

/// What the sessions of a pool may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    ReadWrite,
    /// Read: PostgreSQL refuses whatever would write.
    ReadOnly,
}

/// A pool of at most `size` connections, which it opens when they are needed. `application` is the name its sessions go by in
/// `pg_stat_activity`.
///
/// # Errors
/// [`ConfigError`] if the database's URL cannot be used.
pub fn connect(
    args: &DatabaseArgs,
    size: u16,
    access: Access,
    application: &str,
) -> Result<Pool, ConfigError> {
    Ok(connect_to(args.url.connection()?, args, size, access, application))
}

/// As [`connect`], to a database that `args` names among others.
#[must_use]
pub fn connect_to(
    mut config: Config,
    args: &DatabaseArgs,
    size: u16,
    access: Access,
    application: &str,
) -> Pool {
    let options = session_options(args, access, &config);
    let driver = &mut config.driver;
    driver.connect_timeout(args.database_connect_timeout);
    if driver.get_application_name().is_none() {
        driver.application_name(application);
    }
    driver
        .options(options)
        .tcp_user_timeout(PEER_LOST)
        .keepalives_idle(PEER_LOST / 2)
        .keepalives_interval(PEER_LOST / 8)
        .keepalives_retries(4);

    let mut manager = ManagerConfig::default();
    manager.recycling_method = RecyclingMethod::Fast;
    let limit = args.database_connect_timeout;
    manager.custom_setup = Box::new(move |_| {
        let config = config.clone();
        async move { establish(&config, limit).await }.boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config("", manager);
    let pool = Pool::builder(manager)
        .max_size(size.into())
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(args.database_pool_timeout))
        .runtime(::deadpool::Runtime::Tokio1)
        .build();
    pool.expect("a pool with a runtime can have timeouts")
}

/// Settings that the server takes over as it starts the session, at no round trip. What the URL sets itself holds.
fn session_options(args: &DatabaseArgs, access: Access, config: &Config) -> String {
    let millis = |name: &str, time: Duration| format!("-c {name}={} ", time.as_millis());
    let mut options = [
        millis("statement_timeout", args.database_statement_timeout),
        millis("lock_timeout", args.database_lock_timeout),
        millis("idle_in_transaction_session_timeout", args.database_idle_transaction_timeout),
        millis("client_connection_check_interval", CLIENT_CHECK_INTERVAL),
    ]
    .concat();
    // Everything is looked up by an index, whatever the planner believes of tables that are small or not analyzed yet: it plans
    // some statements once, and would keep a scan of a table that was empty by then.
    options.push_str("-c enable_seqscan=off ");
    options.push_str(match access {
        Access::ReadOnly => "-c default_transaction_read_only=on ",
        // Batched statements, and the checks of foreign keys, are planned once.
        Access::ReadWrite => "-c plan_cache_mode=force_generic_plan ",
    });
    options + config.get_options().unwrap_or_default()
}
