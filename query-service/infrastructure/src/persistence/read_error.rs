//! Errors of the driver and of stored rows as the port's.

use std::sync::Arc;

use query_application::ReadError;
use shared_infrastructure::{
    batching::NotDone,
    database::{Fault, StatementError},
};

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
        Self::Failed(Arc::new(corrupt))
    }
}

/// The error of a read that failed.
pub(super) fn of(failure: StatementError) -> ReadError {
    match Fault::from(&failure) {
        Fault::Unavailable => ReadError::Unavailable(Arc::new(failure)),
        Fault::Exhausted => ReadError::Overloaded(Arc::new(failure)),
        Fault::Interrupted | Fault::Contended => ReadError::TimedOut(Arc::new(failure)),
        Fault::UniqueViolation { .. } | Fault::Other => ReadError::Failed(Arc::new(failure)),
    }
}

/// The error of a read that was not done.
pub(super) fn of_not_done(reason: NotDone) -> ReadError {
    match reason {
        NotDone::Full => ReadError::Overloaded(Arc::new(reason)),
        NotDone::Late => ReadError::TimedOut(Arc::new(reason)),
        NotDone::Lost => ReadError::Failed(Arc::new(reason)),
    }
}
