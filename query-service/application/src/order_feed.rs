//! The port to the feed: the commits of all orders, in an order in which those of one order keep theirs.

use std::sync::Arc;

use bytes::Bytes;
use shared_domain::{OrderId, TenantId, Timestamp};

use crate::{FilteredOrder, HistoryEntry, ReadError};

/// A place in the feed. Places sort as the commits do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedPosition {
    /// The transaction of a commit.
    pub transaction: u64,
    /// The number of the commit, from 1; 0 stands before all commits of the transaction.
    pub position: i64,
}

impl FeedPosition {
    /// Before the commits of this transaction and of all later ones.
    #[must_use]
    pub const fn before(transaction: u64) -> Self {
        Self { transaction, position: 0 }
    }
}

/// How far the feed goes at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedBounds {
    /// The last commit of those below which the feed is complete.
    pub newest: FeedPosition,
    /// No transaction from this one on is over.
    pub end: u64,
    /// Whether no other storage is further on.
    pub is_primary: bool,
}

/// A stretch of the feed.
#[derive(Debug)]
pub struct FeedPage {
    /// It begins behind this place.
    pub start: FeedPosition,
    /// All that comes up to here is in it: the last commit, if there is any.
    pub end: FeedPosition,
    /// Whoever knows all that comes up to the end knows the commits of all transactions below this one.
    pub complete_below: u64,
    /// The commits, in the order of the feed.
    pub commits: Vec<Commit>,
    /// Whether the feed was not complete any further.
    pub is_last: bool,
    /// All that was committed until then comes before the end; none if that is not known.
    pub complete_until: Option<Timestamp>,
}

/// A commit, with what it made of the order.
#[derive(Debug)]
pub struct Commit {
    /// Whose order.
    pub tenant: TenantId,
    /// Its place.
    pub position: FeedPosition,
    /// Who did what.
    pub entry: HistoryEntry,
    /// The order after it; none if it deleted the order.
    pub after: Option<PublishedOrder>,
    /// The order before it; none if it created the order.
    pub before: Option<FilteredOrder>,
}

/// An order as it was published.
#[derive(Debug, Clone)]
pub struct PublishedOrder {
    /// The encoded order, exactly as it was stored.
    pub published_state: Bytes,
    /// What filters look at; none if what is stored makes no sense.
    pub filtered: Option<FilteredOrder>,
}

/// A stretch of a tenant's orders, sorted by their ids, as they were at a place in the feed.
#[derive(Debug)]
pub struct OrdersAsOf {
    /// The orders.
    pub orders: Vec<(OrderId, PublishedOrder)>,
    /// Where to read on; none if there are no more.
    pub next: Option<OrderId>,
}

/// Reads the feed.
pub trait OrderFeed: Send + Sync {
    /// Follows the feed as it grows.
    type Live: LiveFeed;

    /// How far the feed goes.
    fn bounds(&self) -> impl Future<Output = Result<FeedBounds, ReadError>> + Send;

    /// What comes after a place, a page at most.
    fn read(&self, after: FeedPosition) -> impl Future<Output = Result<Arc<FeedPage>, ReadError>> + Send;

    /// The tenant's orders as they were when the feed was complete below this transaction, a page at most, from behind an order on.
    fn orders_as_of(
        &self,
        tenant: &TenantId,
        horizon: u64,
        after: Option<OrderId>,
    ) -> impl Future<Output = Result<OrdersAsOf, ReadError>> + Send;

    /// All pages that are read from now on. However many follow, each page is read once.
    fn live(&self) -> Self::Live;
}

/// The feed as it grows.
pub trait LiveFeed: Send {
    /// The next page, as soon as there is one. Pages without commits come too, every few seconds at least.
    fn next(&mut self) -> impl Future<Output = Result<Arc<FeedPage>, LiveError>> + Send;
}

/// Why there is no next page.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LiveError {
    /// More pages went by than are kept.
    #[error("pages were missed")]
    Missed,
    /// The feed cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
