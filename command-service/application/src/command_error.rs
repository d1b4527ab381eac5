//! Why a command was not carried out.

use shared_domain::{OrderId, Rejected};

use crate::{Outcome, RepositoryError};

/// Why a command was not carried out. Unless a variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The order breaks rules.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Orders of a batch break rules: which, by their place in it from 0, and what.
    #[error("{} orders of the batch are refused", .0.len())]
    MembersRejected(Vec<(usize, Rejected)>),
    /// The tenant has no such order.
    #[error("order {0} does not exist")]
    OrderNotFound(OrderId),
    /// The order is not at the version that the caller expects.
    #[error("the order is at version {current}, not {expected}")]
    VersionMismatch {
        /// The caller's.
        expected: u64,
        /// The order's.
        current: u64,
    },
    /// Others kept changing the order.
    #[error("others kept changing the order")]
    ConcurrentUpdate,
    /// The request's id was used before for something else.
    #[error("the request id was used before with another payload")]
    RequestIdReused,
    /// Not a failure: the request was carried out before, and this was the answer. It ends a use case early.
    #[error("the request was answered before")]
    Answered(Outcome),
    /// The repository could not do it.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
