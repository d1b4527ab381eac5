//! The databases of one cluster: a primary, and standbys that follow it. Reads go to a standby that can be reached, in turn, and to the
//! primary where there is none, or where none is as new as a read demands. With one database, all reads go there.
//!
//! Positions in the history are the same in all of them.

mod choice;
mod database;
mod patience;
mod repository;
mod status;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use futures_util::future::join_all;
use query_application::{ReadContext, ReadError};
use shared_infrastructure::start::StartError;
use tokio::task::JoinSet;

use super::PostgresOrderReadRepository;
pub use choice::Chosen;
use database::Database;
pub use database::DatabasePools;
use patience::Patience;

/// Reads from the databases of a cluster. Clones share them.
#[derive(Clone)]
pub struct Databases(Arc<Cluster>);

struct Cluster {
    databases: Vec<Arc<Database>>,
    /// Counts the choices.
    turn: AtomicUsize,
    /// How long a read without a deadline waits for a database to be new enough.
    wait_limit: Duration,
    _looking: JoinSet<()>,
}

impl Databases {
    /// Looks at the databases, and from then on keeps an eye on them, if there are several.
    ///
    /// # Errors
    /// [`StartError`] if none can be read from: the schema is behind, or the database is out of reach.
    pub async fn open(pools: Vec<DatabasePools>, wait_limit: Duration) -> Result<Self, StartError> {
        let databases: Vec<_> = pools.into_iter().map(|pools| Arc::new(Database::new(pools))).collect();
        let looks = join_all(databases.iter().map(|database| database.look())).await;
        if looks.iter().all(Result::is_err) {
            let mut failures: Vec<_> = looks.into_iter().filter_map(Result::err).collect();
            failures.sort_by_key(|failure| !matches!(failure, StartError::SchemaBehind { .. }));
            return Err(failures.remove(0));
        }
        let mut looking = JoinSet::new();
        if databases.len() > 1 {
            for database in &databases {
                looking.spawn(Arc::clone(database).keep_looking());
            }
        }
        Ok(Self(Arc::new(Cluster { databases, turn: AtomicUsize::new(0), wait_limit, _looking: looking })))
    }

    /// Reads from the databases in the order of their choice until one answers. If none is as new as the context demands, asks them
    /// again until the caller's deadline is near.
    async fn read<'a, T, F>(
        &'a self,
        context: &ReadContext,
        read: impl Fn(&'a PostgresOrderReadRepository) -> F,
    ) -> Result<T, ReadError>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        let mut patience = Patience::new(context.deadline, self.0.wait_limit);
        loop {
            match self.read_once(&read).await {
                Err(ReadError::Lagging) if patience.pause().await => {}
                result => return result,
            }
        }
    }

    async fn read_once<'a, T, F>(
        &'a self,
        read: &impl Fn(&'a PostgresOrderReadRepository) -> F,
    ) -> Result<T, ReadError>
    where
        F: Future<Output = Result<T, ReadError>>,
    {
        let databases = &self.0.databases;
        if let [database] = databases.as_slice() {
            return read(&database.repository).await;
        }
        let (mut lagging, mut unavailable) = (false, None);
        for database in choice::in_order(databases, &self.0.turn) {
            match read(&database.repository).await {
                Err(ReadError::Lagging) => lagging = true,
                Err(error @ ReadError::Unavailable(_)) => {
                    database.suspect();
                    unavailable = Some(error);
                }
                result => return result,
            }
        }
        // Whatever lags may catch up.
        Err(unavailable.filter(|_| !lagging).unwrap_or(ReadError::Lagging))
    }
}
