//! Parcels, and what is taken off an order.

use anyhow::{Context, Result};
use orders_proto::orders::v1::{
    CancelOrderRequest, CancelReason, CreateShipmentRequest, DeliverShipmentRequest, FailShipmentRequest,
    LineUnits, Order, ShipShipmentRequest, ShipmentFailureReason, ShipmentState,
};

use super::{Shop, new_reference};

impl Shop {
    /// Cancels these units, or the whole order if there are none.
    pub(super) async fn cancel(
        &mut self,
        name: String,
        reason: CancelReason,
        note: &str,
        lines: Vec<LineUnits>,
    ) -> Result<Order> {
        let (reason, note, cancel_pending_shipments) = (reason.into(), note.to_owned(), lines.is_empty());
        Ok(send!(
            self.cancel_order,
            CancelOrderRequest { name, reason, note, lines, cancel_pending_shipments }
        ))
    }

    /// Puts these units into a parcel.
    pub(super) async fn pack(&mut self, name: String, items: Vec<LineUnits>) -> Result<Order> {
        Ok(send!(self.create_shipment, CreateShipmentRequest { name, items }))
    }

    /// Packs a parcel and sends it off.
    pub(super) async fn ship(&mut self, name: String, items: Vec<LineUnits>) -> Result<Order> {
        let packed = self.pack(name, items).await?;
        let shipment_id = packed.shipments.last().context("the parcel is not there")?.shipment_id;
        let (name, carrier) = (packed.name, ["dhl", "ups"][shipment_id as usize % 2].to_owned());
        let tracking_number = new_reference("T");
        Ok(send!(self.ship_shipment, ShipShipmentRequest { name, shipment_id, carrier, tracking_number }))
    }

    /// Delivers every parcel on its way.
    pub(super) async fn deliver(&mut self, mut order: Order) -> Result<Order> {
        for shipment_id in on_their_way(&order) {
            order = send!(self.deliver_shipment, DeliverShipmentRequest { name: order.name, shipment_id });
        }
        Ok(order)
    }

    /// Loses a parcel on its way.
    pub(super) async fn lose(&mut self, order: &Order) -> Result<Order> {
        let shipment_id = *on_their_way(order).first().context("nothing is on its way")?;
        let (name, reason) = (order.name.clone(), ShipmentFailureReason::Lost.into());
        let note = "Not seen since the depot".to_owned();
        Ok(send!(self.fail_shipment, FailShipmentRequest { name, shipment_id, reason, note }))
    }
}

/// All units that can be shipped.
pub(super) fn open_units(order: &Order) -> Vec<LineUnits> {
    let units = order.lines.iter().filter(|line| line.requires_shipping()).filter_map(|line| {
        let quantity = line.quantities.as_ref()?.open;
        (quantity > 0).then_some(LineUnits { line_id: line.line_id, quantity })
    });
    units.collect()
}

/// One of them.
pub(super) fn one_open_unit(order: &Order) -> Vec<LineUnits> {
    open_units(order).first().map(|units| LineUnits { quantity: 1, ..*units }).into_iter().collect()
}

fn on_their_way(order: &Order) -> Vec<u32> {
    let shipped = order.shipments.iter().filter(|shipment| shipment.state() == ShipmentState::Shipped);
    shipped.map(|shipment| shipment.shipment_id).collect()
}
