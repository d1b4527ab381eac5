//! TLS over real connections: of callers, and to a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binding;
mod callers;
mod certificates;
mod client;
mod database;
mod front;
mod reload;
mod server;

use std::{future::Future, time::Duration};

/// Fails the test, in place of hanging it.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("took longer than 30 s")
}
