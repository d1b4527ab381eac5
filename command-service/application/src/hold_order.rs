//! HoldOrder.

use shared_domain::{OrderId, Reason};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Puts an order on hold.
#[derive(Debug, Clone)]
pub struct HoldOrder {
    /// Which order.
    pub order: OrderId,
    /// Why.
    pub reason: Reason,
}

impl UseCase for HoldOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.hold(self.reason.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
