//! DeleteOrder.

use shared_domain::OrderId;

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Removes a draft.
#[derive(Debug, Clone)]
pub struct DeleteOrder {
    /// Which order.
    pub order: OrderId,
}

impl UseCase for DeleteOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.delete(work.now())?;
        work.save(order);
        work.commit().await
    }
}
