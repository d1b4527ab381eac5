//! CancelShipment.

use shared_domain::{CancelNote, OrderId, ShipmentId};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// A shipment is not sent.
#[derive(Debug, Clone)]
pub struct CancelShipment {
    /// Which order.
    pub order: OrderId,
    /// Which shipment.
    pub shipment: ShipmentId,
    /// Why, for people.
    pub note: Option<CancelNote>,
}

impl UseCase for CancelShipment {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.cancel_shipment(self.shipment, self.note.clone(), work.now())?;
        work.save(order);
        work.commit().await
    }
}
