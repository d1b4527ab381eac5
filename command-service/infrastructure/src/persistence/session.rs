//! Statements on connections of the pool.

use diesel::{QueryResult, result::Error};
use futures_util::future::BoxFuture;
use shared_infrastructure::database::{Connection, Fault, Pool, PoolError, PooledConnection};
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

/// Runs statements on a connection of the pool, in a task of its own: a caller who goes away does not stop it half-way, and
/// never hands a connection back that is still busy.
pub(super) async fn run<T, F>(pool: &Pool, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
{
    let pool = pool.clone();
    tokio::spawn(async move { attempt(&pool, work).await }).await.map_err(Failure::Cut)?
}

/// A statement that was prepared before the schema changed is refused before it does anything. Then the connection goes, with
/// all that it has prepared, and another one is tried: at the latest, a new one serves.
async fn attempt<T, F>(pool: &Pool, work: F) -> Result<T, Failure>
where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    for _ in 0..pool.status().max_size {
        let mut connection = pool.get().await.map_err(Failure::NoConnection)?;
        match work(&mut connection).await {
            Err(error) if is_outdated(&error) => drop(PooledConnection::take(connection)),
            Err(error) => {
                if Fault::from(&error) == Fault::Unavailable {
                    drop(PooledConnection::take(connection));
                }
                return Err(Failure::Statement(error));
            }
            Ok(result) => return Ok(result),
        }
    }
    let mut connection = pool.get().await.map_err(Failure::NoConnection)?;
    work(&mut connection).await.map_err(Failure::Statement)
}

fn is_outdated(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else { return false };
    information.message() == "cached plan must not change result type"
}
