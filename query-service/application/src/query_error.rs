//! Why a query has no answer.

use shared_domain::OrderId;

use crate::ReadError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The tenant has no such orders: they never existed, or they are deleted drafts.
    #[error("no such order")]
    OrdersNotFound(Vec<OrderId>),
    /// The tenant has no order with this key.
    #[error("no order has this {0}")]
    NothingFound(&'static str),
    /// The order has no such version, or had none yet at the time asked for.
    #[error("no such version of the order")]
    VersionNotFound(OrderId),
    /// The orders are so many bytes together, more than an answer may have.
    #[error("orders that are {0} bytes together, more than the {max} of an answer", max = crate::page::MAX_BYTES)]
    TooManyBytes(usize),
    /// There are more groups than an answer can have.
    #[error("more than {} groups", crate::AggregateOrders::MAX_GROUPS)]
    TooManyGroups,
    /// The orders could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
