//! PlaceOrder.

use shared_domain::{Money, OrderId, Reason};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// The buyer commits.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    /// Which order.
    pub order: OrderId,
    /// The total that the caller counts on.
    pub expected_total: Option<Money>,
    /// Why, for people.
    pub reason: Option<Reason>,
}

impl UseCase for PlaceOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        let number = work.next_order_number().await?;
        order.place(number, self.expected_total, self.reason.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
