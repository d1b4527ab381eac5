//! The order that everything is measured with.

use orders_proto::{
    google::r#type::Money,
    orders::v1::{Address, Contact, Order, OrderLine},
};

/// The order that every caller places, but for its customer. The data set is made of copies of it.
pub(crate) fn order(customer_id: String) -> Order {
    let euros = |cents: i64| {
        let nanos = i32::try_from(cents % 100 * 10_000_000).expect("less than a euro");
        Some(Money { currency_code: "EUR".to_owned(), units: cents / 100, nanos })
    };
    let line = |sku: &str, title: &str, quantity: i32, cents: i64| OrderLine {
        sku: sku.to_owned(),
        title: title.to_owned(),
        quantity,
        unit_price: euros(cents),
        tax_amount: euros(cents * i64::from(quantity) * 19 / 100),
        ..OrderLine::default()
    };
    Order {
        channel: "web".to_owned(),
        customer_id,
        currency_code: "EUR".to_owned(),
        contact: Some(Contact {
            name: "Ada Byron".to_owned(),
            email: "ada.byron@example.com".to_owned(),
            ..Contact::default()
        }),
        shipping_address: Some(Address {
            recipient: "Ada Byron".to_owned(),
            address_lines: vec!["Lindenweg 7".to_owned()],
            locality: "Berlin".to_owned(),
            postal_code: "10115".to_owned(),
            region_code: "DE".to_owned(),
            ..Address::default()
        }),
        lines: vec![
            line("TEAPOT-1", "Teapot, stoneware, 1.2 l", 1, 3_490),
            line("CUP-6", "Cup, stoneware", 6, 790),
            line("TEA-250", "Darjeeling, first flush, 250 g", 2, 1_250),
        ],
        ..Order::default()
    }
}
