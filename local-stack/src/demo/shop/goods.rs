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

    /// Puts the open units of the first `most` lines that have any into one parcel.
    pub(super) async fn pack(&mut self, order: &Order, most: usize) -> Result<Order> {
        let items = order.lines.iter().filter_map(|line| {
            let open = line.quantities.as_ref()?.open;
            (open > 0).then_some(LineUnits { line_id: line.line_id, quantity: open })
        });
        let (name, items) = (order.name.clone(), items.take(most).collect());
        Ok(send!(self.create_shipment, CreateShipmentRequest { name, items }))
    }

    /// Packs a parcel and sends it off.
    pub(super) async fn ship(&mut self, order: &Order, most: usize) -> Result<Order> {
        let packed = self.pack(order, most).await?;
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

fn on_their_way(order: &Order) -> Vec<u32> {
    let shipped = order.shipments.iter().filter(|shipment| shipment.state() == ShipmentState::Shipped);
    shipped.map(|shipment| shipment.shipment_id).collect()
}
