//! CreateOrder.

use shared_domain::{Money, NewOrder, Order, OrderId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Creates an order, and places it in the same commit if told so.
#[derive(Debug, Clone)]
pub struct CreateOrder {
    /// The id that the caller chose, if any.
    pub id: Option<OrderId>,
    /// The draft.
    pub draft: NewOrder,
    /// Whether to place it too.
    pub place: bool,
    /// The total that the caller counts on.
    pub expected_total: Option<Money>,
}

impl UseCase for CreateOrder {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let order = self.create(&work).await?;
        work.save(order);
        work.commit().await
    }
}

impl CreateOrder {
    /// The new order, not saved yet.
    pub(crate) async fn create<R: OrderRepository>(
        &self,
        work: &UnitOfWork<'_, R>,
    ) -> Result<Order, CommandError> {
        let id = self.id.unwrap_or_else(|| work.new_order_id());
        let mut order = Order::create(id, self.draft.clone(), work.now())?;
        if self.place {
            order.place(work.next_order_number().await?, self.expected_total, None, work.now())?;
        } else if let Some(expected) = self.expected_total {
            order.expect_total(expected)?;
        }
        Ok(order)
    }
}
