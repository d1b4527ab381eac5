//! Reads on connections of the pool.

use std::{sync::Arc, time::Duration};

use diesel::QueryResult;
use futures_util::{FutureExt, future::BoxFuture};
use query_application::{Freshness, ReadContext, ReadError};
use shared_infrastructure::database::{self, Connection, Pool, PooledConnection, is_last, is_outdated};
use tokio::{sync::oneshot, time::timeout};
use tokio_postgres::CancelToken;

use super::{read_error, snapshot::Snapshot};

/// How long it may take to tell PostgreSQL to stop. It notices soon afterwards by itself that its client is gone.
const STOP_LIMIT: Duration = Duration::from_secs(1);

/// Reads on a connection of the pool, in a task of its own. If the caller goes away, PostgreSQL is told to stop, and the
/// connection goes with it: nobody is handed one that is still busy with what nobody waits for.
///
/// A statement that was prepared before the schema changed is refused. Then the connection goes, with all that it has prepared,
/// and another one is tried: at the latest, a new one serves.
pub(super) async fn read<T, F>(pool: &Pool, work: F) -> Result<T, ReadError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let mut others = pool.status().max_size;
    loop {
        let connection = pool.get().await.map_err(|error| read_error::of(error.into()))?;
        let (answer, answered) = oneshot::channel();
        tokio::spawn(attempt(connection, Arc::clone(&work), answer));
        match answered.await.map_err(|cut| ReadError::Failed(Arc::new(cut)))? {
            Err(error) if is_outdated(&error) && others > 0 => others -= 1,
            result => return result.map_err(|error| read_error::of(error.into())),
        }
    }
}

/// As [`read`], from a database that is as new as the context demands: if it is not, nothing is read.
pub(super) async fn read_at_least<T, F>(pool: &Pool, context: &ReadContext, work: F) -> Result<T, ReadError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let Some(Freshness { transaction, .. }) = context.at_least else { return read(pool, work).await };
    let work = Arc::new(work);
    let checked = read(pool, move |connection| {
        let work = Arc::clone(&work);
        async move {
            let seen = Snapshot::demanded(connection, transaction).await?;
            // What is seen by now, whatever is read later sees too.
            if seen.shows(transaction) { work(connection).await.map(Some) } else { Ok(None) }
        }
        .boxed()
    });
    checked.await?.ok_or(ReadError::Lagging)
}

/// A connection that is of no more use does not go back to the pool.
async fn attempt<T, F>(
    mut connection: PooledConnection,
    work: Arc<F>,
    mut answer: oneshot::Sender<QueryResult<T>>,
) where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    let stop = connection.cancel_token();
    let result = tokio::select! {
        biased;
        result = work(&mut connection) => Some(result),
        () = answer.closed() => None,
    };
    match result {
        Some(result) => {
            if result.as_ref().is_err_and(is_last) {
                drop(PooledConnection::take(connection));
            }
            answer.send(result).ok();
        }
        None => {
            stop_reading(stop).await;
            drop(PooledConnection::take(connection));
        }
    }
}

/// Tells PostgreSQL to stop what a connection is at. The connection is of no more use then: PostgreSQL signals a session twice,
/// so that even after the read said that it was stopped, the second signal may be on its way, and hit the next one.
async fn stop_reading(stop: CancelToken) {
    match timeout(STOP_LIMIT, database::stop(&stop)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a read that nobody waits for could not be stopped"),
        Err(_) => tracing::warn!("a read that nobody waits for could not be stopped in time"),
    }
}
