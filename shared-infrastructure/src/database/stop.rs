//! Stopping what PostgreSQL is at.

use std::time::Duration;

use tokio::time::timeout;

use super::PooledConnection;
use crate::tls;

/// How long it may take to tell PostgreSQL to stop. It notices soon afterwards by itself that its client is gone.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// Has PostgreSQL stop what a connection is at, and gives the connection up. It is of no more use: PostgreSQL signals a session
/// twice, so that even after the statement said that it was stopped, the second signal may be on its way, and hit the next one. The request is
/// encrypted where the connection is; whoever answers it is not checked: all it learns is how to stop that one session.
pub(super) async fn stop(connection: PooledConnection) {
    match timeout(STOP_LIMIT, connection.cancel_token().cancel_query(tls::permissive())).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a statement that nobody waits for could not be stopped"),
        Err(_) => tracing::warn!("a statement that nobody waits for could not be stopped in time"),
    }
    drop(PooledConnection::take(connection));
}
