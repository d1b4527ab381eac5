//! The port to the stored orders, read-only. Every read is of one tenant.

use std::{error::Error, sync::Arc, time::Duration};

use shared_domain::{OrderId, Timestamp};

use crate::{
    Cursor, Direction, Filter, Fresh, HistoryEntry, LookupKey, OrderDetails, OrderSummary, PastState,
    ReadContext, Start,
};

/// Reads orders. An absence is no error here: what it means is for the query to say.
///
/// Whatever is read is as new as the context demands, or it is [`ReadError::Lagging`].
pub trait OrderReadRepository: Send + Sync {
    /// An order as it is.
    fn current(
        &self,
        context: &ReadContext,
        order: OrderId,
    ) -> impl Future<Output = Result<Option<OrderDetails>, ReadError>> + Send;

    /// The last commit of an order up to this version.
    fn last_until_version(
        &self,
        context: &ReadContext,
        order: OrderId,
        version: i64,
    ) -> impl Future<Output = Result<Option<PastState>, ReadError>> + Send;

    /// The last commit of an order up to this time; if there is none, the first one after it.
    fn last_until_time(
        &self,
        context: &ReadContext,
        order: OrderId,
        time: Timestamp,
    ) -> impl Future<Output = Result<Option<PastState>, ReadError>> + Send;

    /// The order with this key; the one created last if there are several.
    fn lookup(
        &self,
        context: &ReadContext,
        key: &LookupKey,
    ) -> impl Future<Output = Result<Option<OrderDetails>, ReadError>> + Send;

    /// Those of the orders that exist, as they are, in any order.
    fn batch(
        &self,
        context: &ReadContext,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<OrderDetails>, ReadError>> + Send;

    /// A stretch of a sorted list, as rows of a list.
    fn list_summaries(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> impl Future<Output = Result<Fresh<Vec<Listed<OrderSummary>>>, ReadError>> + Send;

    /// A stretch of a sorted list, as whole orders.
    fn list_details(
        &self,
        context: &ReadContext,
        listing: &Listing,
    ) -> impl Future<Output = Result<Fresh<Vec<Listed<OrderDetails>>>, ReadError>> + Send;

    /// How many orders match the filter; `most` if there are more, nothing if they could not be counted `within` this time.
    fn count(
        &self,
        context: &ReadContext,
        filter: &Filter,
        most: usize,
        within: Duration,
    ) -> impl Future<Output = Result<Option<i64>, ReadError>> + Send;

    /// At most `limit` commits of an order from this version on, oldest first.
    fn history(
        &self,
        context: &ReadContext,
        order: OrderId,
        from_version: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<HistoryEntry>, ReadError>> + Send;
}

/// Which stretch of which list to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Which orders.
    pub filter: Filter,
    /// Where to start, and what to sort by.
    pub start: Start,
    /// In which direction.
    pub direction: Direction,
    /// How many at most.
    pub limit: usize,
}

/// An item of a sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Where it is in the list.
    pub position: Cursor,
    /// What it is.
    pub item: T,
}

/// Why the orders could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The storage cannot be reached at the moment.
    #[error("the storage cannot be reached")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// More reads are waiting than the storage takes on. Nothing was read.
    #[error("too many reads are waiting for the storage")]
    Overloaded(#[source] Arc<dyn Error + Send + Sync>),
    /// The storage that can be reached does not have what the read must be as new as, and did not get it in time.
    #[error("the storage is not as new as demanded")]
    Lagging,
    /// The storage took too long.
    #[error("the storage took too long")]
    TimedOut(#[source] Arc<dyn Error + Send + Sync>),
    /// The storage refused, or what it holds makes no sense.
    #[error("the storage failed")]
    Failed(#[source] Arc<dyn Error + Send + Sync>),
}
