//! Lists the commits of one order.

use shared_domain::OrderId;

use crate::{HistoryEntry, OrderReadRepository, Page, PageSize, QueryError, ReadContext};

/// The commits to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrderHistory {
    /// The order, deleted or not.
    pub order: OrderId,
    /// The first version, from 1.
    pub from_version: i64,
    /// How many commits at most.
    pub page_size: PageSize,
}

/// Answers [`ListOrderHistory`].
#[derive(Debug, Clone)]
pub struct ListOrderHistoryHandler<R> {
    orders: R,
}

impl<R: OrderReadRepository> ListOrderHistoryHandler<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self { orders }
    }

    /// The commits, oldest first, and the last version of the page if more follow. Past the last version there is
    /// nothing, which is no error.
    ///
    /// # Errors
    /// [`QueryError::OrdersNotFound`] for an order that never was.
    pub async fn handle(
        &self,
        query: ListOrderHistory,
        context: &ReadContext,
    ) -> Result<Page<HistoryEntry, i64>, QueryError> {
        let ListOrderHistory { order, from_version, page_size } = query;
        let limit = page_size.with_lookahead();
        let entries = self.orders.history(context, order, from_version, limit).await?;
        if entries.is_empty() && self.orders.last_until_version(context, order, i64::MAX).await?.is_none() {
            return Err(QueryError::OrdersNotFound(vec![order]));
        }
        Ok(Page::cut(entries, page_size, |entry| entry.events.len(), |entry| entry.version))
    }
}
