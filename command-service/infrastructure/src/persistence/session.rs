//! Statements on connections of the pool.

use std::sync::Arc;

use diesel::{QueryResult, result::Error};
use futures_util::future::BoxFuture;
use shared_infrastructure::database::{Connection, Pool, PoolError, PooledConnection, is_last, is_outdated};
use tokio::task::JoinError;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// There was no connection. Nothing was sent.
    #[error("no connection to the database")]
    NoConnection(#[source] PoolError),
    /// The statement failed.
    #[error("a statement failed")]
    Statement(#[source] Error),
    /// The task was cut short, since the program ends.
    #[error("a statement was cut short")]
    Cut(#[source] JoinError),
}

/// Runs statements on a connection of the pool. A caller who goes away while there is none leaves the queue; once there is one,
/// the statements run in a task of their own, so that they do not stop half-way and no connection is handed back that is still
/// busy.
///
/// A statement that was prepared before the schema changed is refused before it does anything. Then the connection goes, with
/// all that it has prepared, and another one is tried: at the latest, a new one serves.
pub(super) async fn run<T, F>(pool: &Pool, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let mut others = pool.status().max_size;
    loop {
        let connection = pool.get().await.map_err(Failure::NoConnection)?;
        let attempt = attempt(connection, Arc::clone(&work));
        match tokio::spawn(attempt).await.map_err(Failure::Cut)? {
            Err(error) if is_outdated(&error) && others > 0 => others -= 1,
            result => return result.map_err(Failure::Statement),
        }
    }
}

/// A connection that is of no more use does not go back to the pool.
async fn attempt<T, F>(mut connection: PooledConnection, work: Arc<F>) -> QueryResult<T>
where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    let result = work(&mut connection).await;
    if result.as_ref().is_err_and(is_last) {
        drop(PooledConnection::take(connection));
    }
    result
}
