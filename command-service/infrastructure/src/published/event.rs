//! Events.

use orders_proto::orders::v1::{self as proto, order_event::Event as Wire};
use shared_domain::{Allocations, Details, Event};
use shared_infrastructure::wire::{enums, money, timestamp};

use super::{
    order::{
        adjustment, allocations, failure, new_line, order, payment, shipment, shipping_line, transaction,
    },
    value::{address, contact, line_units, metadata, quantity, tags, text},
};

/// The events of one commit.
pub(crate) fn events(events: &[Event]) -> Vec<proto::OrderEvent> {
    events.iter().map(|event| proto::OrderEvent { event: Some(wire(event)) }).collect()
}

#[expect(clippy::too_many_lines, reason = "one arm per event, and nothing but fields")]
fn wire(event: &Event) -> Wire {
    match event {
        Event::Created(draft) => Wire::OrderCreated(proto::OrderCreated { order: Some(order(draft)) }),
        Event::Updated(details) => Wire::OrderUpdated(updated(details)),
        Event::LineAdded(line) => Wire::LineAdded(proto::LineAdded { line: Some(new_line(line)) }),
        Event::LineQuantitySet { line_id, quantity: units, tax_amount } => {
            Wire::LineQuantitySet(proto::LineQuantitySet {
                line_id: line_id.0,
                quantity: quantity(*units),
                tax_amount: Some(money(*tax_amount)),
            })
        }
        Event::LineRemoved { line_id } => Wire::LineRemoved(proto::LineRemoved { line_id: line_id.0 }),
        Event::LineUnitPriceSet { line_id, unit_price, tax_amount } => {
            Wire::LineUnitPriceSet(proto::LineUnitPriceSet {
                line_id: line_id.0,
                unit_price: Some(money(*unit_price)),
                tax_amount: Some(money(*tax_amount)),
            })
        }
        Event::AdjustmentAdded(added) => {
            Wire::AdjustmentAdded(proto::AdjustmentAdded { adjustment: Some(adjustment(added)) })
        }
        Event::AdjustmentRemoved { adjustment_id } => {
            Wire::AdjustmentRemoved(proto::AdjustmentRemoved { adjustment_id: adjustment_id.0 })
        }
        Event::ShippingSet(lines) => Wire::ShippingSet(proto::ShippingSet {
            shipping_lines: lines.iter().map(shipping_line).collect(),
        }),
        Event::ShippingAddressSet(set) => {
            Wire::ShippingAddressSet(proto::ShippingAddressSet { shipping_address: Some(address(set)) })
        }
        Event::Placed { number, total, allocations, reason } => Wire::OrderPlaced(proto::OrderPlaced {
            order_number: number.as_str().to_owned(),
            total: Some(money(*total)),
            allocations: allocations.iter().map(adjustment_allocations).collect(),
            reason: text!(reason),
        }),
        Event::Confirmed { reason } => Wire::OrderConfirmed(proto::OrderConfirmed { reason: text!(reason) }),
        Event::Held { reason } => Wire::OrderHeld(proto::OrderHeld { reason: reason.as_str().to_owned() }),
        Event::Released { reason } => Wire::OrderReleased(proto::OrderReleased { reason: text!(reason) }),
        Event::Completed { reason, payment_override } => Wire::OrderCompleted(proto::OrderCompleted {
            reason: text!(reason),
            payment_override_reason: text!(payment_override),
        }),
        Event::Reopened => Wire::OrderReopened(proto::OrderReopened {}),
        Event::Cancelled { reason, note } => Wire::OrderCancelled(proto::OrderCancelled {
            reason: enums::cancel_reason::number(*reason),
            note: text!(note),
        }),
        Event::LinesCancelled { items, reason, note } => Wire::LinesCancelled(proto::LinesCancelled {
            items: line_units(items),
            reason: enums::cancel_reason::number(*reason),
            note: text!(note),
        }),
        Event::Deleted => Wire::OrderDeleted(proto::OrderDeleted {}),
        Event::NoteAdded { text, visibility } => Wire::NoteAdded(proto::NoteAdded {
            text: text.as_str().to_owned(),
            visibility: enums::note_visibility::number(*visibility),
        }),
        Event::ShipmentCreated(created) => {
            Wire::ShipmentCreated(proto::ShipmentCreated { shipment: Some(shipment(created)) })
        }
        Event::ShipmentShipped { shipment_id, carrier, tracking_number, ship_time } => {
            Wire::ShipmentShipped(proto::ShipmentShipped {
                shipment_id: shipment_id.0,
                carrier: text!(carrier),
                tracking_number: text!(tracking_number),
                ship_time: Some(timestamp(*ship_time)),
            })
        }
        Event::ShipmentDelivered { shipment_id, deliver_time } => {
            Wire::ShipmentDelivered(proto::ShipmentDelivered {
                shipment_id: shipment_id.0,
                deliver_time: Some(timestamp(*deliver_time)),
            })
        }
        Event::ShipmentFailed { shipment_id, failure, note } => Wire::ShipmentFailed(proto::ShipmentFailed {
            shipment_id: shipment_id.0,
            reason: enums::shipment_failure::number(*failure),
            note: text!(note),
        }),
        Event::ShipmentCancelled { shipment_id, note } => Wire::ShipmentCancelled(proto::ShipmentCancelled {
            shipment_id: shipment_id.0,
            note: text!(note),
        }),
        Event::PaymentAdded(added) => {
            Wire::PaymentAdded(proto::PaymentAdded { payment: Some(payment(added)) })
        }
        Event::TransactionRecorded { payment_id, transaction: recorded } => {
            Wire::PaymentTransactionRecorded(proto::PaymentTransactionRecorded {
                payment_id: payment_id.0,
                transaction: Some(transaction(recorded)),
            })
        }
        Event::TransactionUpdated {
            payment_id,
            transaction_id,
            state,
            amount,
            failure: failed,
            occur_time,
            exceeds_expected,
        } => Wire::PaymentTransactionUpdated(proto::PaymentTransactionUpdated {
            payment_id: payment_id.0,
            transaction_id: transaction_id.0,
            state: enums::transaction_state::number(*state),
            amount: Some(money(*amount)),
            failure: failed.as_ref().map(failure),
            occur_time: Some(timestamp(*occur_time)),
            exceeds_expected: *exceeds_expected,
        }),
    }
}

fn updated(details: &Details) -> proto::OrderUpdated {
    proto::OrderUpdated {
        contact: details.contact.as_ref().map(contact),
        billing_address: details.billing_address.as_ref().map(address),
        tags: tags(&details.tags),
        metadata: metadata(&details.metadata),
        purchase_order_number: text!(details.purchase_order_number),
    }
}

fn adjustment_allocations(allocated: &Allocations) -> proto::AdjustmentAllocations {
    proto::AdjustmentAllocations {
        adjustment_id: allocated.adjustment_id.0,
        allocations: allocations(&allocated.shares),
    }
}
