//! ConfirmOrder.

use shared_domain::{OrderId, Reason};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// The seller accepts.
#[derive(Debug, Clone)]
pub struct ConfirmOrder {
    /// Which order.
    pub order: OrderId,
    /// Why, for people.
    pub reason: Option<Reason>,
}

impl UseCase for ConfirmOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.confirm(self.reason.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
