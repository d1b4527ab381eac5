//! Orders as commands publish them.

use std::sync::atomic::{AtomicI64, Ordering};

use orders_proto::{
    google::r#type::Money,
    orders::v1::{
        Contact, ExternalReference, FulfillmentState, LineQuantities, Order, OrderLine, OrderState,
        PaymentState, Totals,
    },
};
use prost_types::Timestamp;
use uuid::Uuid;

/// A second, in microseconds.
const SECOND: i64 = 1_000_000;

/// The time at which nothing has happened yet.
const BEGINNING: i64 = 1_767_225_600 * SECOND;

/// A time, in microseconds after the beginning of the tests' time.
pub(crate) fn at(micros: i64) -> Timestamp {
    let micros = BEGINNING + micros;
    let nanos = i32::try_from(micros % SECOND * 1_000).unwrap();
    Timestamp { seconds: micros / SECOND, nanos }
}

/// Microseconds after the beginning of the tests' time.
pub(crate) fn micros(time: &Timestamp) -> i64 {
    time.seconds * SECOND + i64::from(time.nanos) / 1_000 - BEGINNING
}

pub(crate) fn euros(cents: i64) -> Money {
    let nanos = i32::try_from(cents % 100).unwrap() * 10_000_000;
    Money { currency_code: "EUR".into(), units: cents / 100, nanos }
}

/// A draft with one line, created later than all others before it.
pub(crate) fn draft() -> Order {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    let cents = 1_050 + number;
    let line = OrderLine {
        line_id: 1,
        sku: format!("SKU-{number}"),
        title: "A thing".into(),
        quantity: 1,
        unit_price: Some(euros(cents)),
        requires_shipping: Some(true),
        quantities: Some(LineQuantities { ordered: 1, open: 1, ..LineQuantities::default() }),
        subtotal: Some(euros(cents)),
        ..OrderLine::default()
    };
    Order {
        name: format!("orders/{}", Uuid::now_v7()),
        state: OrderState::Draft.into(),
        payment_state: PaymentState::Unpaid.into(),
        fulfillment_state: FulfillmentState::Unfulfilled.into(),
        version: 1,
        etag: "W/\"1\"".into(),
        channel: "web".into(),
        customer_id: format!("c-{number}"),
        external_reference: Some(ExternalReference { source: "shop".into(), id: format!("x-{number}") }),
        contact: Some(Contact {
            name: "Ada L.".into(),
            email: "ada@example.org".into(),
            phone: String::new(),
        }),
        tags: vec!["gift".into(), "rush".into()],
        metadata: [("color".into(), "dark red".into()), ("note".into(), String::new())].into(),
        currency_code: "EUR".into(),
        lines: vec![line],
        totals: Some(Totals { subtotal: Some(euros(cents)), total: Some(euros(cents)), ..Totals::default() }),
        balance: Some(euros(cents)),
        create_time: Some(at(number * SECOND)),
        update_time: Some(at(number * SECOND)),
        ..Order::default()
    }
}

/// A placed order, otherwise like [`draft`].
pub(crate) fn order() -> Order {
    let order = draft();
    let number = micros(&order.create_time.unwrap()) / SECOND;
    Order {
        order_number: format!("ORD-{number:08}"),
        state: OrderState::Placed.into(),
        place_time: order.create_time,
        ..order
    }
}

/// The next version of an order, a second later, with a change.
pub(crate) fn changed(order: &Order, change: impl FnOnce(&mut Order)) -> Order {
    let mut next = order.clone();
    next.version += 1;
    next.etag = format!("W/\"{}\"", next.version);
    next.update_time = next.update_time.map(|time| at(micros(&time) + SECOND));
    change(&mut next);
    next
}
