//! Creates and places an order with 3 lines in one call, for one of many customers.

use std::ops::Range;

use orders_proto::orders::v1::CreateOrderRequest;

use super::{
    order::order,
    request::{Request, SOME_UUID, write_random_uuid},
};
use crate::{
    dataset::{Spread, names},
    load::{Call, Target, Workload},
};

const CREATE_ORDER: &str = "/orders.v1.OrderCommandService/CreateOrder";

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
            order: Some(order(names::customer(0))),
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
