//! Valid requests, small ones and one with everything.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        AddOrderNoteRequest, Address, Adjustment, AdjustmentKind, AdjustmentScope, AmendOrderRequest,
        CancelOrderRequest, CancelReason, ConfirmOrderRequest, Contact, CreateOrderRequest,
        CreateShipmentRequest, ExternalReference, LineUnits, NoteVisibility, Order, OrderChange, OrderLine,
        PaymentTransactionKind, PaymentTransactionState, PlaceOrderRequest, RecordPaymentTransactionRequest,
        ReportedTransaction, ShipShipmentRequest, ShippingLine, UpdateOrderRequest, order_change::Change,
    },
};
use prost_types::FieldMask;
use uuid::Uuid;

pub(crate) fn money(currency_code: &str, units: i64, nanos: i32) -> Money {
    Money { currency_code: currency_code.to_owned(), units, nanos }
}

/// Euros, of so many cents.
pub(crate) fn eur(cents: i64) -> Money {
    money("EUR", cents / 100, i32::try_from(cents % 100 * 10_000_000).unwrap())
}

pub(crate) fn line(sku: &str, quantity: i32, cents: i64) -> OrderLine {
    OrderLine { sku: sku.to_owned(), quantity, unit_price: Some(eur(cents)), ..OrderLine::default() }
}

pub(crate) fn shipping(method: &str, cents: i64) -> ShippingLine {
    ShippingLine { method: method.to_owned(), amount: Some(eur(cents)), ..ShippingLine::default() }
}

fn adjustment(kind: AdjustmentKind, scope: AdjustmentScope, line_id: u32, cents: i64) -> Adjustment {
    Adjustment {
        kind: kind.into(),
        scope: scope.into(),
        line_id,
        amount: Some(eur(cents)),
        source_code: "SPRING".to_owned(),
        ..Adjustment::default()
    }
}

/// A discount of the scope ORDER.
pub(crate) fn discount(cents: i64) -> Adjustment {
    adjustment(AdjustmentKind::Discount, AdjustmentScope::Order, 0, cents)
}

/// A surcharge on one line.
pub(crate) fn surcharge(line_id: u32, cents: i64) -> Adjustment {
    adjustment(AdjustmentKind::Surcharge, AdjustmentScope::Line, line_id, cents)
}

pub(crate) fn contact() -> Contact {
    Contact { name: "Ada Lovelace".to_owned(), email: "ada@example.com".to_owned(), phone: String::new() }
}

pub(crate) fn address() -> Address {
    Address {
        recipient: "Ada Lovelace".to_owned(),
        address_lines: vec!["12 St James's Square".to_owned()],
        locality: "London".to_owned(),
        region_code: "GB".to_owned(),
        ..Address::default()
    }
}

/// Two mugs at 12.50 and one tea at 8.00, that can be placed: 33.00.
pub(crate) fn draft() -> Order {
    Order {
        currency_code: "EUR".to_owned(),
        contact: Some(contact()),
        shipping_address: Some(address()),
        lines: vec![line("MUG", 2, 12_50), line("TEA", 1, 8_00)],
        ..Order::default()
    }
}

/// An order in which every field that can be set is set.
pub(crate) fn full() -> Order {
    let everywhere = Address {
        organization: "Analytical Engines".to_owned(),
        administrative_area: "Greater London".to_owned(),
        postal_code: "SW1Y 4LE".to_owned(),
        ..address()
    };
    Order {
        channel: "web".to_owned(),
        customer_id: "customer-7".to_owned(),
        external_reference: Some(ExternalReference {
            source: "shop-eu".to_owned(),
            id: Uuid::new_v4().to_string(),
        }),
        purchase_order_number: "PO-1815".to_owned(),
        contact: Some(Contact { phone: "+44 20 7946 0958".to_owned(), ..contact() }),
        billing_address: Some(everywhere.clone()),
        shipping_address: Some(everywhere),
        tags: vec!["gift".to_owned(), "vip".to_owned()],
        metadata: [("cart".to_owned(), "c-1".to_owned())].into(),
        lines: vec![
            OrderLine {
                title: "Mug".to_owned(),
                tax_amount: Some(eur(4_75)),
                requires_shipping: Some(true),
                ..line("MUG", 2, 12_50)
            },
            OrderLine {
                title: "Gift card".to_owned(),
                requires_shipping: Some(false),
                ..line("CARD", 1, 8_00)
            },
        ],
        adjustments: vec![
            Adjustment { reason: "Spring sale".to_owned(), ..discount(3_00) },
            Adjustment { reason: "Wrapping".to_owned(), ..surcharge(1, 1_00) },
            Adjustment { scope: AdjustmentScope::Shipping.into(), ..discount(2_00) },
        ],
        shipping_lines: vec![ShippingLine {
            title: "Standard".to_owned(),
            tax_amount: Some(eur(95)),
            ..shipping("standard", 5_00)
        }],
        ..draft()
    }
}

pub(crate) fn create(order: Order) -> CreateOrderRequest {
    CreateOrderRequest { order: Some(order), ..CreateOrderRequest::default() }
}

pub(crate) fn place(order: &Order) -> PlaceOrderRequest {
    PlaceOrderRequest { name: order.name.clone(), ..PlaceOrderRequest::default() }
}

pub(crate) fn confirm(order: &Order) -> ConfirmOrderRequest {
    ConfirmOrderRequest { name: order.name.clone(), ..ConfirmOrderRequest::default() }
}

/// Cancels units of lines, (line, units) each; the whole order if there are none.
pub(crate) fn cancel(order: &Order, units: &[(u32, i32)]) -> CancelOrderRequest {
    CancelOrderRequest {
        name: order.name.clone(),
        reason: CancelReason::CustomerRequest.into(),
        lines: line_units(units),
        ..CancelOrderRequest::default()
    }
}

pub(crate) fn amend(order: &Order, changes: Vec<Change>) -> AmendOrderRequest {
    let changes = changes.into_iter().map(|change| OrderChange { change: Some(change) }).collect();
    AmendOrderRequest { name: order.name.clone(), changes, ..AmendOrderRequest::default() }
}

/// Replaces the tags.
pub(crate) fn tagged(order: &Order, tags: &[&str]) -> UpdateOrderRequest {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    UpdateOrderRequest {
        order: Some(Order { name: order.name.clone(), tags, ..Order::default() }),
        update_mask: Some(FieldMask { paths: vec!["tags".to_owned()] }),
        ..UpdateOrderRequest::default()
    }
}

pub(crate) fn note(order: &Order, text: &str) -> AddOrderNoteRequest {
    AddOrderNoteRequest {
        name: order.name.clone(),
        text: text.to_owned(),
        visibility: NoteVisibility::Internal.into(),
        ..AddOrderNoteRequest::default()
    }
}

/// Puts units of lines, (line, units) each, into a shipment.
pub(crate) fn shipment(order: &Order, units: &[(u32, i32)]) -> CreateShipmentRequest {
    CreateShipmentRequest {
        name: order.name.clone(),
        items: line_units(units),
        ..CreateShipmentRequest::default()
    }
}

pub(crate) fn ship(order: &Order, shipment_id: u32) -> ShipShipmentRequest {
    ShipShipmentRequest { name: order.name.clone(), shipment_id, ..ShipShipmentRequest::default() }
}

/// Reports captured money at the till.
pub(crate) fn capture(order: &Order, reference: &str, cents: i64) -> RecordPaymentTransactionRequest {
    RecordPaymentTransactionRequest {
        name: order.name.clone(),
        provider: "till".to_owned(),
        provider_reference: "receipt-1".to_owned(),
        transaction: Some(ReportedTransaction {
            kind: PaymentTransactionKind::Capture.into(),
            state: PaymentTransactionState::Succeeded.into(),
            amount: Some(eur(cents)),
            provider_reference: reference.to_owned(),
            ..ReportedTransaction::default()
        }),
        ..RecordPaymentTransactionRequest::default()
    }
}

fn line_units(units: &[(u32, i32)]) -> Vec<LineUnits> {
    units.iter().map(|(line_id, quantity)| LineUnits { line_id: *line_id, quantity: *quantity }).collect()
}

/// The UUID in an order's name.
pub(crate) fn uuid_of(order: &Order) -> Uuid {
    order.name.strip_prefix("orders/").unwrap().parse().unwrap()
}
