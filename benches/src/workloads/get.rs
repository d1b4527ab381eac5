//! Reads one order by its id.

use std::ops::Range;

use orders_proto::orders::v1::GetOrderRequest;

use super::request::Request;
use crate::{
    dataset::{Spread, names},
    load::{Call, Target, Workload},
};

const GET_ORDER: &str = "/orders.v1.OrderQueryService/GetOrder";

/// The workload.
#[derive(Debug)]
pub(crate) struct Get {
    request: Request,
    order: Range<usize>,
    orders: Spread,
    random: fastrand::Rng,
}

impl Get {
    /// Reads random orders among these.
    pub(crate) fn new(orders: Spread) -> Self {
        let name = format!("orders/{}", names::order(0));
        let request = Request::new(&GetOrderRequest { name, ..GetOrderRequest::default() });
        let order = request.find(&names::order(0));
        Self { request, order, orders, random: fastrand::Rng::new() }
    }
}

impl Workload for Get {
    fn next_call(&mut self) -> Call<'_> {
        names::write_order(self.request.part(&self.order), self.orders.any(&mut self.random));
        Call { target: Target::Query, path: GET_ORDER, body: self.request.bytes() }
    }
}
