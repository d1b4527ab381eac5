//! Orders by chance, and their parts. Most can be created; some cannot.

use fastrand::Rng;
use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        Address, Adjustment, AdjustmentKind, AdjustmentScope, Contact, CreateOrderRequest, ExternalReference,
        Order, OrderLine, ShippingLine,
    },
};
use uuid::{Builder, Uuid};

use super::money;

/// A UUID that the seed decides.
pub fn uuid(rng: &mut Rng) -> Uuid {
    Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}

/// The creation of an order.
pub fn create_request(rng: &mut Rng) -> CreateOrderRequest {
    CreateOrderRequest { order: Some(order(rng)), place: rng.u8(..5) < 2, ..CreateOrderRequest::default() }
}

fn order(rng: &mut Rng) -> Order {
    let currency = one(rng, &["EUR", "EUR", "JPY", "KWD"]);
    let lines = (0..rng.u8(..5)).map(|_| line(rng, currency)).collect::<Vec<_>>();
    let adjustments = (0..rng.u8(..5).saturating_sub(2)).map(|_| adjustment(rng, currency, lines.len()));
    let adjustments = adjustments.collect();
    Order {
        channel: text(rng, &["", "web", "store-12", "märket"]),
        customer_id: text(rng, &["", "c-42", "c-43"]),
        external_reference: (rng.u8(..3) == 0)
            .then(|| ExternalReference { source: "shop-eu".to_owned(), id: uuid(rng).to_string() }),
        purchase_order_number: text(rng, &["", "PO-1"]),
        contact: contact(rng),
        billing_address: rng.bool().then(|| address(rng)),
        shipping_address: (rng.u8(..10) > 0).then(|| address(rng)),
        tags: tags(rng),
        metadata: (0..rng.u8(..3)).map(|key| (format!("key-{key}"), text(rng, &["", "ä", "z"]))).collect(),
        currency_code: currency.to_owned(),
        adjustments,
        shipping_lines: shipping_lines(rng, currency),
        lines,
        ..Order::default()
    }
}

pub(super) fn contact(rng: &mut Rng) -> Option<Contact> {
    let contact = Contact {
        name: text(rng, &["Ada Lovelace", "李小龍"]),
        email: text(rng, &["ada@example.com", "ada@example.org"]),
        phone: text(rng, &["", "+44 20 7946 0000"]),
    };
    (rng.u8(..10) > 0).then_some(contact)
}

pub(super) fn address(rng: &mut Rng) -> Address {
    Address {
        recipient: text(rng, &["Ada Lovelace", "李小龍"]),
        organization: text(rng, &["", "Analytical Engines"]),
        address_lines: vec![text(rng, &["12 St James's Square", "Straße 1"])],
        locality: text(rng, &["London", "Köln"]),
        postal_code: text(rng, &["", "SW1Y 4JH"]),
        region_code: text(rng, &["GB", "DE"]),
        ..Address::default()
    }
}

pub(super) fn tags(rng: &mut Rng) -> Vec<String> {
    (0..rng.u8(..4)).map(|number| format!("tag-{number}-{}", rng.u8(..3))).collect()
}

pub(super) fn line(rng: &mut Rng, currency: &str) -> OrderLine {
    OrderLine {
        sku: format!("SKU-{}", rng.u8(..20)),
        title: text(rng, &["", "A mug", "Ein Becher"]),
        quantity: rng.i32(1..=9),
        unit_price: amount(rng, currency, 0..=9_999),
        tax_amount: amount(rng, currency, 0..=999).filter(|_| rng.bool()),
        requires_shipping: one(rng, &[None, Some(true), Some(true), Some(false)]),
        ..OrderLine::default()
    }
}

/// An adjustment, of a line among the first `lines` if it is of one.
pub(super) fn adjustment(rng: &mut Rng, currency: &str, lines: usize) -> Adjustment {
    let mut adjustment = Adjustment {
        amount: amount(rng, currency, 1..=999),
        source_code: text(rng, &["SUMMER", "LOYALTY"]),
        reason: text(rng, &["", "Because it is warm"]),
        ..Adjustment::default()
    };
    adjustment.set_kind(one(rng, &[AdjustmentKind::Discount, AdjustmentKind::Surcharge]));
    let scopes =
        [AdjustmentScope::Order, AdjustmentScope::Order, AdjustmentScope::Line, AdjustmentScope::Shipping];
    adjustment.set_scope(one(rng, &scopes));
    if adjustment.scope() == AdjustmentScope::Line {
        adjustment.line_id = rng.u32(1..=u32::try_from(lines.max(1)).unwrap_or(1));
    }
    adjustment
}

pub(super) fn shipping_lines(rng: &mut Rng, currency: &str) -> Vec<ShippingLine> {
    let line = |rng: &mut Rng| ShippingLine {
        method: text(rng, &["standard", "express"]),
        title: text(rng, &["", "By tomorrow"]),
        amount: amount(rng, currency, 0..=1_500),
        tax_amount: amount(rng, currency, 0..=150).filter(|_| rng.bool()),
    };
    (0..rng.u8(..3)).map(|_| line(rng)).collect()
}

/// An amount in the currency; one time in a hundred in another.
pub(super) fn amount(rng: &mut Rng, currency: &str, range: std::ops::RangeInclusive<i64>) -> Option<Money> {
    let currency = if rng.u8(..100) == 0 { "JPY" } else { currency };
    money(currency, rng.i64(range))
}

pub(super) fn text(rng: &mut Rng, choices: &[&str]) -> String {
    one(rng, choices).to_owned()
}

/// One of them; there is at least one.
pub(super) fn one<T: Copy>(rng: &mut Rng, choices: &[T]) -> T {
    choices[rng.usize(..choices.len())]
}
