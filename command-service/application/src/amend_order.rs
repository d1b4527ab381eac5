//! AmendOrder.

use shared_domain::{OrderChange, OrderId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Changes what is ordered and what it costs: all of the changes or none.
#[derive(Debug, Clone)]
pub struct AmendOrder {
    /// Which order.
    pub order: OrderId,
    /// The changes, in order.
    pub changes: Vec<OrderChange>,
}

impl UseCase for AmendOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.amend(self.changes.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
