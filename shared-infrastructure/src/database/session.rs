//! Statements on connections of the pool.

use std::{future::pending, panic::resume_unwind, pin::pin, time::Duration};

use diesel::{QueryResult, result::Error};
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Connection, Fault, Pool, PoolError, PooledConnection, is_last, is_outdated, stop::stop};
use crate::call_scope;

/// How long a statement that nobody waits for may still take to end by itself: that costs less than another connection.
const STOP_AFTER: Duration = Duration::from_millis(10);

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// There was no connection. Nothing was sent.
    #[error("no connection to the database")]
    NoConnection(#[from] PoolError),
    /// The statement failed.
    #[error("a statement failed")]
    Statement(#[from] Error),
    /// There was no answer in time, although PostgreSQL should have given up by itself. The connection is gone.
    #[error("a statement was not answered in time")]
    Unanswered,
    /// Nobody waited for it any more, and PostgreSQL was told to stop. What it would have changed is changed as a whole or not at all.
    #[error("a statement was stopped")]
    Stopped,
}

impl From<&StatementError> for Fault {
    fn from(failure: &StatementError) -> Self {
        match failure {
            StatementError::NoConnection(error) => error.into(),
            StatementError::Statement(error) => error.into(),
            StatementError::Unanswered => Fault::Unavailable,
            StatementError::Stopped => Fault::Interrupted,
        }
    }
}

/// Runs statements on a connection of the pool, for a caller who stays until they end, which is after `patience` at the latest.
///
/// A statement that was prepared before the schema changed is refused before it does anything. Then the connection goes, with
/// all that it has prepared, and another one is tried: at the latest, a new one serves.
///
/// # Errors
/// [`StatementError`], but never [`StatementError::Stopped`].
pub async fn run<T, F>(pool: &Pool, patience: Duration, work: F) -> Result<T, StatementError>
where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    run_unless(pool, patience, &CancellationToken::new(), work).await
}

/// As [`run`], unless `stopped` is cancelled and the statements do not end at once: then PostgreSQL is told to stop, and the
/// connection goes.
///
/// # Errors
/// [`StatementError`].
pub async fn run_unless<T, F>(
    pool: &Pool,
    patience: Duration,
    stopped: &CancellationToken,
    work: F,
) -> Result<T, StatementError>
where
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>>,
{
    let mut others = pool.status().max_size;
    loop {
        let mut connection = tokio::select! {
            biased;
            connection = pool.get() => connection?,
            () = stopped.cancelled() => return Err(StatementError::Stopped),
        };
        let ended = {
            let mut running = pin!(timeout(patience, work(&mut connection)));
            tokio::select! {
                biased;
                ended = &mut running => Some(ended),
                () = stopped.cancelled() => timeout(STOP_AFTER, running).await.ok(),
            }
        };
        let result = match ended {
            Some(Ok(result)) => result,
            Some(Err(_)) => {
                drop(PooledConnection::take(connection));
                return Err(StatementError::Unanswered);
            }
            None => {
                stop(connection).await;
                return Err(StatementError::Stopped);
            }
        };
        if result.as_ref().is_err_and(is_last) {
            drop(PooledConnection::take(connection));
        }
        match result {
            Err(error) if is_outdated(&error) && others > 0 => others -= 1,
            result => return Ok(result?),
        }
    }
}

/// As [`run`], for a caller who may go away: in a task of its own, so that no connection is handed back that is still busy.
///
/// # Errors
/// [`StatementError`], but never [`StatementError::Stopped`].
pub async fn run_to_the_end<T, F>(pool: &Pool, patience: Duration, work: F) -> Result<T, StatementError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    in_a_task(pool, patience, CancellationToken::new(), work).await
}

/// As [`run_to_the_end`], for a caller who takes the statements along: once nobody waits for the result, PostgreSQL is told to stop.
///
/// # Errors
/// [`StatementError`], but never [`StatementError::Stopped`].
pub async fn run_while_awaited<T, F>(pool: &Pool, patience: Duration, work: F) -> Result<T, StatementError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let left = CancellationToken::new();
    let _waiting = left.clone().drop_guard();
    in_a_task(pool, patience, left, work).await
}

async fn in_a_task<T, F>(
    pool: &Pool,
    patience: Duration,
    stopped: CancellationToken,
    work: F,
) -> Result<T, StatementError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync + 'static,
{
    let pool = pool.clone();
    // The call keeps its place as long as PostgreSQL is at what it asked for.
    let held = call_scope::held();
    let running = async move {
        let _held = held;
        run_unless(&pool, patience, &stopped, work).await
    };
    match tokio::spawn(running).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The program ends, and whoever waits here with it.
            Err(_) => pending().await,
        },
    }
}
