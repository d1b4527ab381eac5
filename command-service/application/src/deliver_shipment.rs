//! DeliverShipment.

use shared_domain::{OrderId, ShipmentId, Timestamp};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// A shipment arrived.
#[derive(Debug, Clone)]
pub struct DeliverShipment {
    /// Which order.
    pub order: OrderId,
    /// Which shipment.
    pub shipment: ShipmentId,
    /// When it arrived; now if absent.
    pub deliver_time: Option<Timestamp>,
}

impl UseCase for DeliverShipment {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.deliver(self.shipment, self.deliver_time, work.now())?;
        work.save(order);
        work.commit().await
    }
}
