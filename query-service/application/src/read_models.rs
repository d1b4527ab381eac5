//! What queries answer with. Plain data: nothing is computed from it here.

use bytes::Bytes;
use shared_domain::{Actor, OrderId, Timestamp};
use uuid::Uuid;

use crate::Freshness;

/// An order as it was published by the commit that made this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDetails {
    /// The order.
    pub order: OrderId,
    /// Its version.
    pub version: i64,
    /// The transaction that made the version.
    pub transaction: u64,
    /// The encoded order, exactly as it was stored.
    pub published_state: Bytes,
}

impl OrderDetails {
    /// As new as its version.
    #[must_use]
    pub const fn freshness(&self) -> Freshness {
        Freshness { transaction: self.transaction, commit: Some((self.order, self.version)) }
    }
}

/// What one commit left of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastState {
    /// The version that the commit made.
    pub version: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// The transaction of the commit.
    pub transaction: u64,
    /// The encoded order; none if the commit deleted it.
    pub published_state: Option<Bytes>,
}

/// A row of a list of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSummary {
    /// What lists show of the order, encoded as an order that has nothing else.
    pub basic_view: Bytes,
}

/// One commit of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The order.
    pub order: OrderId,
    /// The version that the commit made.
    pub version: i64,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The caller's id of the request, if it had one.
    pub request: Option<Uuid>,
    /// The encoded events, exactly as they were stored.
    pub events: Bytes,
    /// The transaction of the commit.
    pub transaction: u64,
}

impl HistoryEntry {
    /// As new as the version that the commit made.
    #[must_use]
    pub const fn freshness(&self) -> Freshness {
        Freshness { transaction: self.transaction, commit: Some((self.order, self.version)) }
    }
}
