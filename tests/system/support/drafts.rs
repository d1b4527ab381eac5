//! Orders to begin with, and amounts.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{Address, Contact, CreateOrderRequest, Order, OrderLine},
};

use super::{Commands, request_id};

/// Digits of the minor unit of the currencies that the tests use.
fn digits(currency: &str) -> u32 {
    match currency {
        "EUR" => 2,
        "JPY" => 0,
        "KWD" => 3,
        other => panic!("the tests do not know {other}"),
    }
}

/// An amount of minor units, such as cents.
pub(crate) fn money(currency: &str, minor_units: i64) -> Option<Money> {
    let scale = 10_i64.pow(digits(currency));
    let nanos = minor_units % scale * (1_000_000_000 / scale);
    Some(Money {
        currency_code: currency.to_owned(),
        units: minor_units / scale,
        nanos: i32::try_from(nanos).unwrap(),
    })
}

/// The minor units of an amount.
pub(crate) fn minor_units(money: &Money) -> i64 {
    let scale = 10_i64.pow(digits(&money.currency_code));
    money.units * scale + i64::from(money.nanos) / (1_000_000_000 / scale)
}

/// Two lines, one of them to ship, and all that is needed to place it. It comes to 30.00 EUR.
pub(crate) fn cart() -> Order {
    let line = |sku: &str, quantity, price, requires_shipping| OrderLine {
        sku: sku.to_owned(),
        title: format!("The {sku}"),
        quantity,
        unit_price: money("EUR", price),
        requires_shipping: Some(requires_shipping),
        ..OrderLine::default()
    };
    Order {
        currency_code: "EUR".to_owned(),
        lines: vec![line("mug", 2, 1_000, true), line("gift-card", 1, 1_000, false)],
        contact: Some(Contact {
            name: "Grace Hopper".to_owned(),
            email: "grace@example.com".to_owned(),
            ..Contact::default()
        }),
        shipping_address: Some(Address {
            recipient: "Grace Hopper".to_owned(),
            address_lines: vec!["1 Harbor Street".to_owned()],
            locality: "Arlington".to_owned(),
            region_code: "US".to_owned(),
            ..Address::default()
        }),
        ..Order::default()
    }
}

/// A [`cart`] that was placed.
pub(crate) async fn placed(commands: &mut Commands) -> Order {
    let request = CreateOrderRequest {
        order: Some(cart()),
        place: true,
        request_id: request_id(),
        ..CreateOrderRequest::default()
    };
    commands.create_order(request).await.unwrap().into_inner()
}
