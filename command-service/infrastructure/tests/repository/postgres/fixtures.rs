//! A database for a test, and the repository over it.

use std::{ops::Deref, time::Duration};

use clap::Parser;
use command_infrastructure::persistence::{Batched, PostgresOrderRepository};
use local_stack::{TestDatabase, TestPostgres};
use shared_infrastructure::{
    batching::Limits,
    config::{DatabaseArgs, parse_from},
    database::{self, Access, Pool, migrations},
};
use tokio_util::task::TaskTracker;

/// How the repositories of the tests batch.
pub(crate) const LIMITS: Limits = Limits { lanes: 2, batch: 8, waiting: 1000 };

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// A repository over a database of its own.
pub(crate) struct TestRepository {
    repository: PostgresOrderRepository,
    pub(crate) pool: Pool,
    database: TestDatabase,
}

impl Deref for TestRepository {
    type Target = PostgresOrderRepository;

    fn deref(&self) -> &PostgresOrderRepository {
        &self.repository
    }
}

impl TestRepository {
    pub(crate) async fn new() -> Self {
        Self::with_connections(4).await
    }

    /// One that has so many connections at most.
    pub(crate) async fn with_connections(connections: u16) -> Self {
        Self::batching(connections, LIMITS).await
    }

    /// One that has one connection, and so one statement at a time.
    pub(crate) async fn one_at_a_time() -> Self {
        Self::waiting(100).await
    }

    /// One that has one statement at a time, and so many loads and so many commits that wait for the next one.
    pub(crate) async fn waiting(waiting: usize) -> Self {
        Self::batching(1, Limits { lanes: 1, batch: 100, waiting }).await
    }

    async fn batching(connections: u16, limits: Limits) -> Self {
        let migrate =
            |url: String| async move { migrations::run_pending(&url.parse().unwrap()).await.map(|_| ()) };
        let template = TestPostgres::shared().await.unwrap().template(migrate).await.unwrap();
        let database = template.database().await.unwrap();
        let pool = pool(database.url(), connections);
        Self { repository: repository(&pool, limits), pool, database }
    }

    /// Connections beside those of the repository.
    pub(crate) fn another_pool(&self) -> Pool {
        pool(self.database.url(), 1)
    }
}

/// A repository that does everything through this pool.
pub(crate) fn repository(pool: &Pool, limits: Limits) -> PostgresOrderRepository {
    patient(pool, limits, Duration::from_secs(30))
}

/// A repository that waits so long for the answer to a statement.
pub(crate) fn patient(pool: &Pool, limits: Limits, patience: Duration) -> PostgresOrderRepository {
    let batched = || Batched { pool: pool.clone(), limits };
    PostgresOrderRepository::new(pool.clone(), batched(), batched(), patience, &TaskTracker::new())
}

/// A pool of so many connections at most.
pub(crate) fn pool(url: &str, connections: u16) -> Pool {
    let arguments: Arguments = parse_from(["test", "--database-url", url]).unwrap();
    database::connect(&arguments.database, connections, Access::ReadWrite, "a-test").unwrap()
}
