//! FailShipment.

use shared_domain::{CancelNote, OrderId, ShipmentFailure, ShipmentId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// A shipment will not arrive.
#[derive(Debug, Clone)]
pub struct FailShipment {
    /// Which order.
    pub order: OrderId,
    /// Which shipment.
    pub shipment: ShipmentId,
    /// Why.
    pub failure: ShipmentFailure,
    /// Why, for people.
    pub note: Option<CancelNote>,
}

impl UseCase for FailShipment {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.fail_shipment(self.shipment, self.failure, self.note.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
