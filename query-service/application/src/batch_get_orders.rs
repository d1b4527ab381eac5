//! Reads several orders at once.

use std::collections::HashMap;

use shared_domain::OrderId;

use crate::{OrderDetails, OrderReadRepository, QueryError, ReadContext, page::MAX_BYTES};

/// The orders to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchGetOrders {
    /// The orders, at most [`BatchGetOrders::MAX`], no two alike.
    pub orders: Vec<OrderId>,
}

impl BatchGetOrders {
    /// The most orders that can be asked for at once.
    pub const MAX: usize = 100;
}

/// Answers [`BatchGetOrders`].
#[derive(Debug, Clone)]
pub struct BatchGetOrdersHandler<R> {
    orders: R,
}

impl<R: OrderReadRepository> BatchGetOrdersHandler<R> {
    /// Reads from `orders`.
    pub fn new(orders: R) -> Self {
        Self { orders }
    }

    /// The orders as they are, in the order asked for.
    ///
    /// # Errors
    /// [`QueryError::OrdersNotFound`] naming all that do not exist, [`QueryError::TooManyBytes`] if several are too large together.
    pub async fn handle(
        &self,
        query: BatchGetOrders,
        context: &ReadContext,
    ) -> Result<Vec<OrderDetails>, QueryError> {
        let found = self.orders.batch(context, &query.orders).await?;
        let mut by_order: HashMap<_, _> = found.into_iter().map(|details| (details.order, details)).collect();
        let missing: Vec<_> =
            query.orders.iter().copied().filter(|order| !by_order.contains_key(order)).collect();
        if !missing.is_empty() {
            return Err(QueryError::OrdersNotFound(missing));
        }
        let bytes = by_order.values().map(|details| details.published_state.len()).sum();
        if bytes > MAX_BYTES && by_order.len() > 1 {
            return Err(QueryError::TooManyBytes(bytes));
        }
        Ok(query.orders.iter().filter_map(|order| by_order.remove(order)).collect())
    }
}
