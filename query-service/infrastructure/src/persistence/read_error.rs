//! Errors of the driver and of stored rows as the port's.

use diesel::result::Error;
use query_application::ReadError;
use shared_infrastructure::database::{Fault, PoolError};

/// A stored value that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("the column {column} of order {order} holds {value}")]
pub(super) struct CorruptRow {
    pub(super) order: uuid::Uuid,
    pub(super) column: &'static str,
    pub(super) value: String,
}

impl From<CorruptRow> for ReadError {
    fn from(corrupt: CorruptRow) -> Self {
        Self::Failed(corrupt.into())
    }
}

/// The error of a statement.
pub(super) fn of_statement(error: Error) -> ReadError {
    match Fault::from(&error) {
        Fault::Unavailable => ReadError::Unavailable(error.into()),
        Fault::Exhausted => ReadError::Overloaded(error.into()),
        Fault::Interrupted => ReadError::TimedOut(error.into()),
        Fault::UniqueViolation { .. } | Fault::Other => ReadError::Failed(error.into()),
    }
}

/// The error of borrowing a connection.
pub(super) fn of_pool(error: PoolError) -> ReadError {
    match Fault::from(&error) {
        Fault::Exhausted => ReadError::Overloaded(error.into()),
        Fault::Unavailable => ReadError::Unavailable(error.into()),
        _ => ReadError::Failed(error.into()),
    }
}
