//! BatchCreateOrders.

use crate::{CommandError, CreateOrder, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Creates orders in one commit: all or none.
#[derive(Debug, Clone)]
pub struct BatchCreateOrders {
    /// The orders; those with an id of the caller's choice have ids that differ.
    pub orders: Vec<CreateOrder>,
}

impl UseCase for BatchCreateOrders {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        for order in &self.orders {
            let order = order.create(&work).await?;
            work.save(order);
        }
        work.commit().await
    }
}
