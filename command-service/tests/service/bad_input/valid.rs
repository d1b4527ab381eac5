//! One valid request of every method, with every field that can be set.

use orders_proto::orders::v1::{
    BatchCreateOrdersRequest, CancelShipmentRequest, CompleteOrderRequest, CreateOrderRequest,
    CreateShipmentRequest, DeleteOrderRequest, DeliverShipmentRequest, FailShipmentRequest, HoldOrderRequest,
    Order, PaymentFailure, PaymentTransactionState, PlaceOrderRequest, RecordPaymentTransactionRequest,
    ReleaseOrderRequest, RemoveAdjustment, RemoveLine, SetLineQuantity, SetLineUnitPrice, SetShipping,
    ShipShipmentRequest, ShipmentFailureReason, UpdateOrderRequest, order_change::Change,
};
use prost::Message;
use prost_reflect::DynamicMessage;
use prost_types::{FieldMask, Timestamp};

use super::contract::request_of;
use crate::support::{
    amend, cancel, capture, confirm, create, eur, full, note, order_id, place, ship, shipment,
};

const TIME: Option<Timestamp> = Some(Timestamp { seconds: 1_700_000_000, nanos: 0 });

/// The request of a method, about `order`. It would be carried out if the order's state allowed it.
pub(crate) fn valid(method: &str, order: &Order) -> DynamicMessage {
    let (name, text) = (order.name.clone(), || "because".to_owned());
    let encoded = match method {
        "CreateOrder" => create_full().encode_to_vec(),
        "UpdateOrder" => UpdateOrderRequest {
            order: Some(Order { name, ..full() }),
            update_mask: Some(FieldMask { paths: vec!["*".to_owned()] }),
            ..Default::default()
        }
        .encode_to_vec(),
        "AmendOrder" => amend(order, every_change()).encode_to_vec(),
        "PlaceOrder" => {
            let reason = text();
            PlaceOrderRequest { reason, expected_total: Some(eur(39_00)), ..place(order) }.encode_to_vec()
        }
        "ConfirmOrder" => confirm(order).encode_to_vec(),
        "HoldOrder" => HoldOrderRequest { name, reason: text(), ..Default::default() }.encode_to_vec(),
        "ReleaseOrder" => ReleaseOrderRequest { name, reason: text(), ..Default::default() }.encode_to_vec(),
        "CompleteOrder" => {
            CompleteOrderRequest { name, payment_override_reason: text(), ..Default::default() }
                .encode_to_vec()
        }
        "CancelOrder" => cancel(order, &[(1, 1), (2, 1)]).encode_to_vec(),
        "DeleteOrder" => DeleteOrderRequest { name, ..Default::default() }.encode_to_vec(),
        "AddOrderNote" => note(order, "hello").encode_to_vec(),
        "CreateShipment" => {
            let (carrier, tracking_number) = ("Courier".to_owned(), "C-1".to_owned());
            CreateShipmentRequest { carrier, tracking_number, ..shipment(order, &[(1, 1), (2, 1)]) }
                .encode_to_vec()
        }
        "ShipShipment" => ShipShipmentRequest { ship_time: TIME, ..ship(order, 1) }.encode_to_vec(),
        "DeliverShipment" => {
            DeliverShipmentRequest { name, shipment_id: 1, deliver_time: TIME, ..Default::default() }
                .encode_to_vec()
        }
        "FailShipment" => {
            let reason = ShipmentFailureReason::Lost.into();
            FailShipmentRequest { name, shipment_id: 1, reason, note: text(), ..Default::default() }
                .encode_to_vec()
        }
        "CancelShipment" => {
            CancelShipmentRequest { name, shipment_id: 1, note: text(), ..Default::default() }.encode_to_vec()
        }
        "RecordPaymentTransaction" => failed_capture(order).encode_to_vec(),
        "BatchCreateOrders" => {
            let requests = vec![create_full(), create_full()];
            BatchCreateOrdersRequest { requests, ..Default::default() }.encode_to_vec()
        }
        other => panic!("{other} is new: give it a valid request here and rows in the table"),
    };
    DynamicMessage::decode(request_of(method), encoded.as_slice()).unwrap()
}

fn create_full() -> CreateOrderRequest {
    CreateOrderRequest { order_id: order_id(), expected_total: Some(eur(39_70)), ..create(full()) }
}

fn every_change() -> Vec<Change> {
    let order = full();
    vec![
        Change::AddLine(order.lines[0].clone()),
        Change::SetQuantity(SetLineQuantity { line_id: 1, quantity: 3, tax_amount: Some(eur(1_00)) }),
        Change::RemoveLine(RemoveLine { line_id: 2 }),
        Change::SetUnitPrice(SetLineUnitPrice {
            line_id: 1,
            unit_price: Some(eur(9_00)),
            tax_amount: Some(eur(1_00)),
        }),
        Change::AddAdjustment(order.adjustments[0].clone()),
        Change::RemoveAdjustment(RemoveAdjustment { adjustment_id: 1 }),
        Change::SetShipping(SetShipping { shipping_lines: order.shipping_lines }),
        Change::SetShippingAddress(order.shipping_address.unwrap()),
    ]
}

fn failed_capture(order: &Order) -> RecordPaymentTransactionRequest {
    let mut request = RecordPaymentTransactionRequest {
        method_label: "Visa".to_owned(),
        planned_amount: Some(eur(33_00)),
        ..capture(order, "c-1", 33_00)
    };
    let transaction = request.transaction.as_mut().unwrap();
    transaction.state = PaymentTransactionState::Failed.into();
    transaction.occur_time = TIME;
    let (code, message) = ("declined".to_owned(), "no money".to_owned());
    transaction.failure = Some(PaymentFailure { code, message, retryable: true });
    request
}
