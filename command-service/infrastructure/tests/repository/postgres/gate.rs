//! Locks that statements of the repository run into, so that what is asked for meanwhile gathers.

use std::{future::Future, pin::Pin, time::Duration};

use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use shared_domain::OrderId;
use shared_infrastructure::database::Pool;
use tokio::time::{sleep, timeout};

use super::{TestRepository, sql};

/// The sessions whose statement waits for the lock of this one.
const BLOCKED: &str = "(SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))";

/// A lock, held by a connection beside those of the repository.
pub(crate) struct Gate {
    connection: Pool,
}

impl Gate {
    /// One that no load and no commit gets past.
    pub(crate) async fn close(repository: &TestRepository) -> Self {
        Self::lock(repository, "LOCK TABLE order_history IN ACCESS EXCLUSIVE MODE").await
    }

    /// One that no change of this order gets past.
    pub(crate) async fn at(repository: &TestRepository, order: OrderId) -> Self {
        Self::lock(repository, &format!("SELECT FROM orders WHERE order_id = '{order}' FOR UPDATE")).await
    }

    async fn lock(repository: &TestRepository, lock: &str) -> Self {
        let connection = repository.another_pool();
        sql::run(&connection, &format!("BEGIN; {lock}")).await;
        Self { connection }
    }

    /// Waits until a statement waits.
    pub(crate) async fn reached(&self) {
        let blocked = format!("SELECT count(*) AS value FROM {BLOCKED} AS blocked");
        let reaching = async {
            while sql::number(&self.connection, &blocked).await == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(30), reaching).await.expect("a statement comes here");
    }

    /// Ends the session whose statement waits.
    pub(crate) async fn kill(&self) {
        self.signal("pg_terminate_backend(pid, 10000)").await;
    }

    /// Has PostgreSQL give up the statement that waits.
    pub(crate) async fn cancel(&self) {
        self.signal("pg_cancel_backend(pid)").await;
    }

    async fn signal(&self, signal: &str) {
        let signal = format!("SELECT count({signal}) AS value FROM {BLOCKED} AS blocked");
        assert_eq!(sql::number(&self.connection, &signal).await, 1);
    }

    pub(crate) async fn open(self) {
        sql::run(&self.connection, "ROLLBACK").await;
    }
}

/// Makes a call, whose statement then waits at the gate that is returned.
pub(crate) async fn hold<C: Future>(repository: &TestRepository, call: &mut Pin<Box<C>>) -> Gate {
    let gate = Gate::close(repository).await;
    ask(call);
    gate.reached().await;
    gate
}

/// Makes a call, which has to wait.
pub(crate) fn ask<C: Future>(call: &mut Pin<Box<C>>) {
    assert!(call.now_or_never().is_none(), "it has to wait");
}

/// What comes of `calls` that are made, in their order, while the statement of `first` is under way.
pub(crate) async fn gathered<C: Future>(
    repository: &TestRepository,
    first: impl Future,
    calls: impl IntoIterator<Item = C>,
) -> Vec<C::Output> {
    let (mut first, mut calls) = (Box::pin(first), Box::pin(join_all(calls)));
    let gate = hold(repository, &mut first).await;
    ask(&mut calls);
    gate.open().await;
    join(first, calls).await.1
}
