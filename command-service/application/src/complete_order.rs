//! CompleteOrder.

use shared_domain::{OrderId, Reason};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Ends an order well.
#[derive(Debug, Clone)]
pub struct CompleteOrder {
    /// Which order.
    pub order: OrderId,
    /// Why, for people.
    pub reason: Option<Reason>,
    /// Why it is completed although something is still to be paid.
    pub payment_override: Option<Reason>,
}

impl UseCase for CompleteOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.complete(self.reason.clone(), self.payment_override.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
