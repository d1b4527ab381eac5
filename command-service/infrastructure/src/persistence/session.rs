//! Statements on connections of the pool.

use diesel::{QueryResult, result::Error};
use futures_util::future::BoxFuture;
use shared_infrastructure::database::{
    Connection, Fault, Pool, PoolError, PooledConnection, is_last, is_outdated,
};
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

impl Failure {
    /// What kind of failure it is.
    pub(super) fn fault(&self) -> Fault {
        match self {
            Self::NoConnection(error) => Fault::from(error),
            Self::Statement(error) => Fault::from(error),
            Self::Cut(error) if error.is_panic() => Fault::Other,
            Self::Cut(_) => Fault::Unavailable,
        }
    }
}

/// Runs statements on a connection of the pool, for a caller who stays until they end.
///
/// A statement that was prepared before the schema changed is refused before it does anything. Then the connection goes, with
/// all that it has prepared, and another one is tried: at the latest, a new one serves.
pub(super) async fn run<T, F>(pool: &Pool, work: F) -> Result<T, Failure>
where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    let mut others = pool.status().max_size;
    loop {
        let mut connection = pool.get().await.map_err(Failure::NoConnection)?;
        let result = work(&mut connection).await;
        if result.as_ref().is_err_and(is_last) {
            drop(PooledConnection::take(connection));
        }
        match result {
            Err(error) if is_outdated(&error) && others > 0 => others -= 1,
            result => return result.map_err(Failure::Statement),
        }
    }
}

/// As [`run`], for a caller who may go away: in a task of its own, so that no connection is handed back that is still busy.
pub(super) async fn run_to_the_end<T, F>(pool: &Pool, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let pool = pool.clone();
    tokio::spawn(async move { run(&pool, work).await }).await.map_err(Failure::Cut)?
}
