//! Orders to begin with.

use chaos::load::money;
use orders_proto::orders::v1::{Address, Contact, CreateOrderRequest, Order, OrderLine};

use super::{Commands, request_id};

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
