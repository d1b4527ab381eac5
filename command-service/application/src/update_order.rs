//! UpdateOrder.

use shared_domain::{DetailsPatch, OrderId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Changes what can change in any state.
#[derive(Debug, Clone)]
pub struct UpdateOrder {
    /// Which order.
    pub order: OrderId,
    /// The new values.
    pub patch: DetailsPatch,
}

impl UseCase for UpdateOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.update(self.patch.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
