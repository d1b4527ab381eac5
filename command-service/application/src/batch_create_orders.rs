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
        let mut rejected = vec![];
        for (index, order) in self.orders.iter().enumerate() {
            match order.create(&work).await {
                Ok(order) => work.save(order),
                Err(CommandError::Rejected(violations)) => rejected.push((index, violations)),
                Err(error) => return Err(error),
            }
        }
        if !rejected.is_empty() {
            return Err(CommandError::MembersRejected(rejected));
        }
        work.commit().await
    }
}
