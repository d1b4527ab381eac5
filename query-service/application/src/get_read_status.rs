//! Tells how far the storage is.

use std::time::Duration;

use shared_domain::Timestamp;

use crate::{Freshness, QueryError, ReadError};

/// How far the storage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadStatus {
    /// Reads are at least as new as this, as long as no database goes out of reach and another one comes back. None if all are out of
    /// reach.
    pub freshness: Option<Freshness>,
    /// The databases, as they are configured.
    pub databases: Vec<DatabaseStatus>,
    /// What is computed from the commits.
    pub projections: Vec<ProjectionStatus>,
}

/// How far a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseStatus {
    /// It cannot be reached.
    OutOfReach,
    /// It is written to.
    Primary {
        /// All transactions before this one are over.
        horizon: u64,
    },
    /// It follows the primary.
    Standby {
        /// All transactions before this one are over, and it has them.
        horizon: u64,
        /// How old the last commit that it has replayed is, if that is known; nothing if it has replayed all that there is.
        lag: Option<Duration>,
    },
}

/// How far a projection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: String,
    /// The transaction up to which all commits are in it.
    pub transaction: u64,
    /// When the last commit in it was made, if there is one.
    pub commit_time: Option<Timestamp>,
    /// How old the first commit is that it lacks; nothing if it lacks none.
    pub lag: Duration,
}

/// The port to the state of the storage.
pub trait StorageStatus: Send + Sync {
    /// How far the storage is.
    fn status(&self) -> impl Future<Output = Result<ReadStatus, ReadError>> + Send;
}

/// Answers how far the storage is.
#[derive(Debug, Clone)]
pub struct GetReadStatusHandler<S> {
    storage: S,
}

impl<S: StorageStatus> GetReadStatusHandler<S> {
    /// Asks `storage`.
    pub fn new(storage: S) -> Self {
        Self { storage }
    }

    /// How far the storage is.
    ///
    /// # Errors
    /// [`QueryError::Read`] only.
    pub async fn handle(&self) -> Result<ReadStatus, QueryError> {
        Ok(self.storage.status().await?)
    }
}
