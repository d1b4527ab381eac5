//! Reads one order, as it is or as it was.

use shared_domain::{OrderId, Timestamp};

use crate::{OrderDetails, OrderReadRepository, PastState, QueryError, ReadContext};

/// The order to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetOrder {
    /// The order.
    pub order: OrderId,
    /// Which of its states.
    pub moment: Moment,
}

/// Which state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As it is.
    Now,
    /// As this version left it, from 1.
    Version(i64),
    /// As it was at this time.
    Time(Timestamp),
}

/// Answers [`GetOrder`].
#[derive(Debug, Clone)]
pub struct GetOrderHandler<R> {
    orders: R,
}

impl<R: OrderReadRepository> GetOrderHandler<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self { orders }
    }

    /// The order's state.
    ///
    /// # Errors
    /// [`QueryError::OrdersNotFound`] for an order that never was or that was deleted by then, and
    /// [`QueryError::VersionNotFound`] for one that has no such version, or had none yet.
    pub async fn handle(&self, query: GetOrder, context: &ReadContext) -> Result<OrderDetails, QueryError> {
        let order = query.order;
        let (commit, reached) = match query.moment {
            Moment::Now => {
                let current = self.orders.current(context, order).await?;
                return current.ok_or_else(|| QueryError::OrdersNotFound(vec![order]));
            }
            Moment::Version(version) => {
                let commit = self.orders.last_until_version(context, order, version).await?;
                let reached = commit.as_ref().is_some_and(|commit| commit.version == version);
                (commit, reached)
            }
            Moment::Time(time) => {
                let commit = self.orders.last_until_time(context, order, time).await?;
                let reached = commit.as_ref().is_some_and(|commit| commit.commit_time <= time);
                (commit, reached)
            }
        };
        match commit {
            Some(PastState { version, transaction, published_state: Some(published_state), .. })
                if reached =>
            {
                Ok(OrderDetails { order, version, transaction, published_state })
            }
            Some(PastState { published_state: Some(_), .. }) => Err(QueryError::VersionNotFound(order)),
            _ => Err(QueryError::OrdersNotFound(vec![order])),
        }
    }
}
