//! What a read has to respect, whatever it reads.

use std::time::Instant;

use shared_domain::{OrderId, TenantId};

/// For whom a read is, how new it has to be, and until when it is of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadContext {
    /// Whose orders are read.
    pub tenant: TenantId,
    /// What is read is at least as new as this. Anything will do if there is none.
    pub at_least: Option<Freshness>,
    /// When the caller stops waiting, if ever.
    pub deadline: Option<Instant>,
}

/// How new a state is. Whoever has read it can ask for a state that is no older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// A transaction of the storage. All that the state shows is there once this is.
    pub transaction: u64,
    /// The order and the version that the transaction left it in, if the state is that of one order.
    pub commit: Option<(OrderId, i64)>,
}

/// What was read, and how new it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh<T> {
    /// What was read.
    pub items: T,
    /// All of it is there, in a state no older, once this is.
    pub freshness: Freshness,
}

impl Freshness {
    /// As new as a transaction, whatever it did.
    #[must_use]
    pub const fn of_transaction(transaction: u64) -> Self {
        Self { transaction, commit: None }
    }

    /// As new as the newest of these; nothing if there are none.
    #[must_use]
    pub fn newest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let both = |one: Self, other: Self| Self::of_transaction(one.transaction.max(other.transaction));
        all.into_iter().reduce(both)
    }
}
