//! Reads of single callers.

use std::{sync::Arc, time::Duration};

use diesel::QueryResult;
use futures_util::{FutureExt, future::BoxFuture};
use query_application::{Freshness, ReadContext, ReadError};
use shared_infrastructure::database::{Connection, Pool, run_while_awaited};

use super::{read_error, snapshot::Snapshot};

/// Where single callers read.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) pool: Pool,
    /// How long a read may go unanswered.
    pub(super) patience: Duration,
}

/// Reads on a connection of the pool. A caller who goes away takes the read along.
pub(super) async fn read<T, F>(connections: &Connections, work: F) -> Result<T, ReadError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let Connections { pool, patience } = connections;
    run_while_awaited(pool, *patience, work).await.map_err(read_error::of)
}

/// As [`read`], from a database that is as new as the context demands: if it is not, nothing is read.
pub(super) async fn read_at_least<T, F>(
    connections: &Connections,
    context: &ReadContext,
    work: F,
) -> Result<T, ReadError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let Some(Freshness { transaction, .. }) = context.at_least else {
        return read(connections, work).await;
    };
    let work = Arc::new(work);
    let checked = read(connections, move |connection| {
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
