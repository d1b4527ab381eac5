//! Creates and places an order with 3 lines in one call, for one of many customers.

use std::ops::Range;

use orders_proto::{
    google::r#type::Money,
    orders::v1::{Address, Contact, CreateOrderRequest, Order, OrderLine},
};

use super::request::{Request, SOME_UUID, write_random_uuid};
use crate::{
    dataset::{Spread, names},
    load::{Call, Target, Workload},
};

const CREATE_ORDER: &str = "/orders.v1.OrderCommandService/CreateOrder";

/// The order that every caller places, but for its customer. The data set is made of copies of it.
pub(crate) fn order_to_place(customer: u64) -> Order {
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
        customer_id: names::customer(customer),
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

/// The workload.
#[derive(Debug)]
pub(crate) struct Place {
    request: Request,
    request_id: Range<usize>,
    customer: Range<usize>,
    customers: Spread,
    random: fastrand::Rng,
}

impl Place {
    /// Orders of random customers among these.
    pub(crate) fn new(customers: Spread) -> Self {
        let request = Request::new(&CreateOrderRequest {
            order: Some(order_to_place(0)),
            place: true,
            request_id: SOME_UUID.to_owned(),
            ..CreateOrderRequest::default()
        });
        let (request_id, customer) = (request.find(SOME_UUID), request.find(&names::customer(0)));
        Self { request, request_id, customer, customers, random: fastrand::Rng::new() }
    }
}

impl Workload for Place {
    fn next_call(&mut self) -> Call<'_> {
        write_random_uuid(self.request.part(&self.request_id), &mut self.random);
        names::write_customer(self.request.part(&self.customer), self.customers.any(&mut self.random));
        Call { target: Target::Command, path: CREATE_ORDER, body: self.request.bytes() }
    }
}
