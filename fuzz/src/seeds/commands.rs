//! Requests to command-service, in an order in which they can follow one another.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        AddOrderNoteRequest, Address, Adjustment, AdjustmentKind, AdjustmentScope, AmendOrderRequest,
        BatchCreateOrdersRequest, CancelOrderRequest, CancelReason, CancelShipmentRequest,
        CompleteOrderRequest, ConfirmOrderRequest, Contact, CreateOrderRequest, CreateShipmentRequest,
        DeleteOrderRequest, DeliverShipmentRequest, FailShipmentRequest, HoldOrderRequest,
        ImportOrdersRequest, LineUnits, NoteVisibility, Order, OrderChange, OrderLine,
        PaymentTransactionKind, PaymentTransactionState, PlaceOrderRequest, RecordPaymentTransactionRequest,
        ReleaseOrderRequest, ReportedTransaction, SetLineQuantity, ShipShipmentRequest,
        ShipmentFailureReason, ShippingLine, UpdateOrderRequest, order_change::Change,
    },
};
use prost_types::{FieldMask, Timestamp};

use super::{Seed, seed};

/// A request for each rpc of command-service; those about an order are about the one of this name.
#[must_use]
pub fn commands(order: &str) -> Vec<Seed> {
    let name = || order.to_owned();
    let reason = || "because".to_owned();
    let request_id = || "018f3f6e-7b1a-7c3e-9d2a-5f4b8c6d7e8f".to_owned();
    let at = Some(Timestamp { seconds: 1_767_225_600, nanos: 5_000 });
    let create = || CreateOrderRequest { order: Some(draft()), ..Default::default() };
    let placed = CreateOrderRequest { place: true, expected_total: money(24, 500), ..create() };
    let changed = Order { name: name(), tags: vec!["gift".into()], ..Default::default() };
    let mask = FieldMask { paths: vec!["tags".into(), "contact".into()] };
    let units = |line_id, quantity| vec![LineUnits { line_id, quantity }];
    let pack = CreateShipmentRequest {
        name: name(),
        items: units(1, 1),
        carrier: "dhl".into(),
        ..Default::default()
    };
    let cancel = CancelOrderRequest {
        name: name(),
        reason: CancelReason::OutOfStock.into(),
        lines: units(1, 1),
        ..Default::default()
    };
    let note = AddOrderNoteRequest {
        name: name(),
        text: "Called back".into(),
        visibility: NoteVisibility::Internal.into(),
        etag: "W/\"2\"".into(),
        ..Default::default()
    };
    let lost = ShipmentFailureReason::Lost.into();
    vec![
        seed("CreateOrder", &create()),
        seed(
            "UpdateOrder",
            &UpdateOrderRequest { order: Some(changed), update_mask: Some(mask), ..Default::default() },
        ),
        seed("AmendOrder", &AmendOrderRequest { name: name(), changes: changes(), ..Default::default() }),
        seed("PlaceOrder", &PlaceOrderRequest { name: name(), reason: reason(), ..Default::default() }),
        seed("HoldOrder", &HoldOrderRequest { name: name(), reason: reason(), ..Default::default() }),
        seed("ReleaseOrder", &ReleaseOrderRequest { name: name(), reason: reason(), ..Default::default() }),
        seed(
            "ConfirmOrder",
            &ConfirmOrderRequest { name: name(), request_id: request_id(), ..Default::default() },
        ),
        seed("RecordPaymentTransaction", &report(order, at)),
        seed("CreateShipment", &pack),
        seed("CancelShipment", &CancelShipmentRequest { name: name(), shipment_id: 1, ..Default::default() }),
        seed("CreateShipment", &pack),
        seed(
            "ShipShipment",
            &ShipShipmentRequest { name: name(), shipment_id: 2, ship_time: at, ..Default::default() },
        ),
        seed(
            "FailShipment",
            &FailShipmentRequest { name: name(), shipment_id: 2, reason: lost, ..Default::default() },
        ),
        seed(
            "DeliverShipment",
            &DeliverShipmentRequest { name: name(), shipment_id: 2, deliver_time: at, ..Default::default() },
        ),
        seed("AddOrderNote", &note),
        seed("CancelOrder", &cancel),
        seed(
            "CompleteOrder",
            &CompleteOrderRequest { name: name(), payment_override_reason: reason(), ..Default::default() },
        ),
        seed("DeleteOrder", &DeleteOrderRequest { name: name(), validate_only: true, ..Default::default() }),
        seed("CreateOrder", &placed),
        seed(
            "BatchCreateOrders",
            &BatchCreateOrdersRequest { requests: vec![create(), placed.clone()], ..Default::default() },
        ),
        seed("ImportOrders", &ImportOrdersRequest { request: Some(create()) }),
    ]
}

fn report(order: &str, occur_time: Option<Timestamp>) -> RecordPaymentTransactionRequest {
    let transaction = ReportedTransaction {
        kind: PaymentTransactionKind::Capture.into(),
        state: PaymentTransactionState::Succeeded.into(),
        amount: money(10, 0),
        provider_reference: "tx-1".into(),
        occur_time,
        ..Default::default()
    };
    RecordPaymentTransactionRequest {
        name: order.into(),
        provider: "till".into(),
        provider_reference: "cash-1".into(),
        transaction: Some(transaction),
        ..Default::default()
    }
}

/// Two lines, all kinds of cost, and all that is needed to place it: 24.50 EUR.
fn draft() -> Order {
    Order {
        channel: "web".into(),
        customer_id: "c-42".into(),
        contact: Some(Contact { name: "Ada".into(), email: "ada@example.com".into(), ..Default::default() }),
        shipping_address: Some(address()),
        metadata: [("gift".to_owned(), "yes".to_owned())].into(),
        currency_code: "EUR".into(),
        lines: vec![line("mug", 2), line("gift-card", 1)],
        adjustments: vec![discount()],
        shipping_lines: vec![shipping()],
        ..Default::default()
    }
}

fn line(sku: &str, quantity: i32) -> OrderLine {
    OrderLine {
        sku: sku.into(),
        quantity,
        unit_price: money(7, 500),
        requires_shipping: Some(sku == "mug"),
        ..Default::default()
    }
}

fn discount() -> Adjustment {
    Adjustment {
        kind: AdjustmentKind::Discount.into(),
        scope: AdjustmentScope::Order.into(),
        amount: money(1, 0),
        source_code: "SUMMER".into(),
        ..Default::default()
    }
}

fn shipping() -> ShippingLine {
    ShippingLine { method: "standard".into(), amount: money(3, 0), ..Default::default() }
}

fn address() -> Address {
    Address {
        recipient: "Ada".into(),
        address_lines: vec!["12 St James's Square".into()],
        locality: "London".into(),
        region_code: "GB".into(),
        ..Default::default()
    }
}

fn changes() -> Vec<OrderChange> {
    let quantity = SetLineQuantity { line_id: 1, quantity: 3, tax_amount: money(0, 500) };
    [Change::AddLine(line("tea", 2)), Change::SetQuantity(quantity), Change::AddAdjustment(discount())]
        .map(|change| OrderChange { change: Some(change) })
        .into()
}

/// Euros and thousandths of one.
fn money(units: i64, thousandths: i32) -> Option<Money> {
    Some(Money { currency_code: "EUR".into(), units, nanos: thousandths * 1_000_000 })
}
