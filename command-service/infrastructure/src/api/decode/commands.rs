//! The commands that name an order and little else.

use command_application::{
    AddOrderNote, CancelOrder, CancelShipment, CompleteOrder, ConfirmOrder, CreateShipment, DeleteOrder,
    DeliverShipment, FailShipment, HoldOrder, PlaceOrder, ReleaseOrder, ShipShipment,
};
use orders_proto::orders::v1 as proto;
use shared_domain::{CancelNote, Carrier, NoteText, OrderId, Reason, ShipmentId, TrackingNumber};
use shared_infrastructure::wire::enums;

use super::value::{enumeration, line_units, number, optional_amount, order_name, time};
use crate::api::fields::{Checked, Fields, Path};

fn order(fields: &mut Fields, name: &str) -> Checked<OrderId> {
    order_name(fields, Path::Root.field("name"), name)
}

fn reason(fields: &mut Fields, reason: String) -> Checked<Option<Reason>> {
    fields.optional(Path::Root.field("reason"), reason, Reason::new)
}

fn note(fields: &mut Fields, note: String) -> Checked<Option<CancelNote>> {
    fields.optional(Path::Root.field("note"), note, CancelNote::new)
}

fn shipment(fields: &mut Fields, id: u32) -> Checked<ShipmentId> {
    number(fields, Path::Root.field("shipment_id"), id, ShipmentId)
}

fn carrier(fields: &mut Fields, carrier: String) -> Checked<Option<Carrier>> {
    fields.optional(Path::Root.field("carrier"), carrier, Carrier::new)
}

fn tracking_number(fields: &mut Fields, number: String) -> Checked<Option<TrackingNumber>> {
    fields.optional(Path::Root.field("tracking_number"), number, TrackingNumber::new)
}

pub(crate) fn place_order(fields: &mut Fields, request: proto::PlaceOrderRequest) -> Checked<PlaceOrder> {
    let order = order(fields, &request.name);
    let reason = reason(fields, request.reason);
    let expected_total = optional_amount(fields, Path::Root.field("expected_total"), request.expected_total);
    Ok(PlaceOrder { order: order?, expected_total: expected_total?, reason: reason? })
}

pub(crate) fn confirm_order(
    fields: &mut Fields,
    request: proto::ConfirmOrderRequest,
) -> Checked<ConfirmOrder> {
    let order = order(fields, &request.name);
    let reason = reason(fields, request.reason);
    Ok(ConfirmOrder { order: order?, reason: reason? })
}

pub(crate) fn hold_order(fields: &mut Fields, request: proto::HoldOrderRequest) -> Checked<HoldOrder> {
    let order = order(fields, &request.name);
    let reason = fields.value(Path::Root.field("reason"), Reason::new(request.reason));
    Ok(HoldOrder { order: order?, reason: reason? })
}

pub(crate) fn release_order(
    fields: &mut Fields,
    request: proto::ReleaseOrderRequest,
) -> Checked<ReleaseOrder> {
    let order = order(fields, &request.name);
    let reason = reason(fields, request.reason);
    Ok(ReleaseOrder { order: order?, reason: reason? })
}

pub(crate) fn complete_order(
    fields: &mut Fields,
    request: proto::CompleteOrderRequest,
) -> Checked<CompleteOrder> {
    let order = order(fields, &request.name);
    let reason = reason(fields, request.reason);
    let at = Path::Root.field("payment_override_reason");
    let payment_override = fields.optional(at, request.payment_override_reason, Reason::new);
    Ok(CompleteOrder { order: order?, reason: reason?, payment_override: payment_override? })
}

pub(crate) fn cancel_order(fields: &mut Fields, request: proto::CancelOrderRequest) -> Checked<CancelOrder> {
    let order = order(fields, &request.name);
    let reason =
        enumeration(fields, Path::Root.field("reason"), request.reason, enums::cancel_reason::from_number);
    let note = note(fields, request.note);
    let lines = line_units(fields, "lines", request.lines);
    Ok(CancelOrder {
        order: order?,
        reason: reason?,
        note: note?,
        lines: lines?,
        cancel_pending_shipments: request.cancel_pending_shipments,
    })
}

pub(crate) fn delete_order(fields: &mut Fields, request: proto::DeleteOrderRequest) -> Checked<DeleteOrder> {
    Ok(DeleteOrder { order: order(fields, &request.name)? })
}

pub(crate) fn add_order_note(
    fields: &mut Fields,
    request: proto::AddOrderNoteRequest,
) -> Checked<AddOrderNote> {
    let order = order(fields, &request.name);
    let text = fields.value(Path::Root.field("text"), NoteText::new(request.text));
    let at = Path::Root.field("visibility");
    let visibility = enumeration(fields, at, request.visibility, enums::note_visibility::from_number);
    Ok(AddOrderNote { order: order?, text: text?, visibility: visibility? })
}

pub(crate) fn create_shipment(
    fields: &mut Fields,
    request: proto::CreateShipmentRequest,
) -> Checked<CreateShipment> {
    let order = order(fields, &request.name);
    if request.items.is_empty() {
        let _: Checked<()> = fields.invalid(Path::Root.field("items"), "must have at least one item");
    }
    let items = line_units(fields, "items", request.items);
    let carrier = carrier(fields, request.carrier);
    let tracking_number = tracking_number(fields, request.tracking_number);
    Ok(CreateShipment { order: order?, items: items?, carrier: carrier?, tracking_number: tracking_number? })
}

pub(crate) fn ship_shipment(
    fields: &mut Fields,
    request: proto::ShipShipmentRequest,
) -> Checked<ShipShipment> {
    let order = order(fields, &request.name);
    let shipment = shipment(fields, request.shipment_id);
    let carrier = carrier(fields, request.carrier);
    let tracking_number = tracking_number(fields, request.tracking_number);
    let ship_time = time(fields, Path::Root.field("ship_time"), request.ship_time);
    Ok(ShipShipment {
        order: order?,
        shipment: shipment?,
        carrier: carrier?,
        tracking_number: tracking_number?,
        ship_time: ship_time?,
    })
}

pub(crate) fn deliver_shipment(
    fields: &mut Fields,
    request: proto::DeliverShipmentRequest,
) -> Checked<DeliverShipment> {
    let order = order(fields, &request.name);
    let shipment = shipment(fields, request.shipment_id);
    let deliver_time = time(fields, Path::Root.field("deliver_time"), request.deliver_time);
    Ok(DeliverShipment { order: order?, shipment: shipment?, deliver_time: deliver_time? })
}

pub(crate) fn fail_shipment(
    fields: &mut Fields,
    request: proto::FailShipmentRequest,
) -> Checked<FailShipment> {
    let order = order(fields, &request.name);
    let shipment = shipment(fields, request.shipment_id);
    let at = Path::Root.field("reason");
    let failure = enumeration(fields, at, request.reason, enums::shipment_failure::from_number);
    let note = note(fields, request.note);
    Ok(FailShipment { order: order?, shipment: shipment?, failure: failure?, note: note? })
}

pub(crate) fn cancel_shipment(
    fields: &mut Fields,
    request: proto::CancelShipmentRequest,
) -> Checked<CancelShipment> {
    let order = order(fields, &request.name);
    let shipment = shipment(fields, request.shipment_id);
    let note = note(fields, request.note);
    Ok(CancelShipment { order: order?, shipment: shipment?, note: note? })
}
