//! ReleaseOrder.

use shared_domain::{OrderId, Reason};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Releases an order from hold.
#[derive(Debug, Clone)]
pub struct ReleaseOrder {
    /// Which order.
    pub order: OrderId,
    /// Why, for people.
    pub reason: Option<Reason>,
}

impl UseCase for ReleaseOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.release(self.reason.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
