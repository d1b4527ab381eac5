//! CreateShipment.

use shared_domain::{Carrier, LineUnits, OrderId, TrackingNumber};

use crate::{CommandError, OrderRepository, Outcome, UnitOfWork, UseCase};

/// Puts open units into a shipment.
#[derive(Debug, Clone)]
pub struct CreateShipment {
    /// Which order.
    pub order: OrderId,
    /// The units, each line at most once.
    pub items: Vec<LineUnits>,
    /// Who carries it.
    pub carrier: Option<Carrier>,
    /// The carrier's number to follow it by.
    pub tracking_number: Option<TrackingNumber>,
}

impl UseCase for CreateShipment {
    async fn handle<R: OrderRepository>(&self, mut work: UnitOfWork<'_, R>) -> Result<Outcome, CommandError> {
        let mut order = work.get(self.order).await?;
        order.create_shipment(
            self.items.clone(),
            self.carrier.clone(),
            self.tracking_number.clone(),
            work.now(),
        )?;
        work.save(order);
        work.commit().await
    }
}
