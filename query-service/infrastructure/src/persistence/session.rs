//! Reads on connections of the pool.

use diesel::{QueryResult, result::Error};
use futures_util::future::BoxFuture;
use query_application::ReadError;
use shared_infrastructure::database::{Connection, Fault, Pool, PooledConnection};
use tokio::sync::oneshot;
use tokio_postgres::NoTls;

use super::read_error;

/// Reads on a connection of the pool, in a task of its own. If the caller goes away, PostgreSQL is told to stop, and the
/// connection goes back only once it did: nobody is handed one that is still busy with what nobody waits for.
pub(super) async fn read<T, F>(pool: &Pool, work: F) -> Result<T, ReadError>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
{
    let connection = pool.get().await.map_err(read_error::of_pool)?;
    let (_caller, gone) = oneshot::channel();
    let reading = tokio::spawn(until_gone(connection, work, gone));
    reading.await.map_err(|cut| ReadError::Failed(cut.into()))?.map_err(read_error::of_statement)
}

async fn until_gone<T, F>(
    mut connection: PooledConnection,
    work: F,
    caller_gone: oneshot::Receiver<()>,
) -> QueryResult<T>
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    let stop = connection.cancel_token();
    let result = {
        let mut reading = work(&mut connection);
        tokio::select! {
            result = &mut reading => result,
            _ = caller_gone => {
                if let Err(error) = stop.cancel_query(NoTls).await {
                    tracing::warn!(%error, "a read that nobody waits for could not be stopped");
                }
                reading.await
            }
        }
    };
    if result.as_ref().is_err_and(is_last) {
        drop(PooledConnection::take(connection));
    }
    result
}

/// Whether the connection is of no more use: it broke, or what it has prepared no longer fits the schema.
fn is_last(error: &Error) -> bool {
    let outdated = matches!(error, Error::DatabaseError(_, information)
        if information.message() == "cached plan must not change result type");
    outdated || Fault::from(error) == Fault::Unavailable
}
