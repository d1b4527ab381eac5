//! ShipShipment.

use shared_domain::{Carrier, OrderId, ShipmentId, Timestamp, TrackingNumber};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// A shipment left.
#[derive(Debug, Clone)]
pub struct ShipShipment {
    /// Which order.
    pub order: OrderId,
    /// Which shipment.
    pub shipment: ShipmentId,
    /// Who carries it.
    pub carrier: Option<Carrier>,
    /// The carrier's number to follow it by.
    pub tracking_number: Option<TrackingNumber>,
    /// When it left; now if absent.
    pub ship_time: Option<Timestamp>,
}

impl UseCase for ShipShipment {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        let (carrier, tracking_number) = (self.carrier.clone(), self.tracking_number.clone());
        order.ship(self.shipment, carrier, tracking_number, self.ship_time, work.now())?;
        work.save(order);
        work.commit().await
    }
}
