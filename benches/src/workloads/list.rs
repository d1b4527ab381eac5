//! Reads the first page of a customer's orders, the newest first.

use std::ops::Range;

use orders_proto::orders::v1::ListOrdersRequest;

use super::request::Request;
use crate::{
    dataset::{Spread, names},
    load::{Call, Target, Workload},
};

const LIST_ORDERS: &str = "/orders.v1.OrderQueryService/ListOrders";
/// Orders on a page.
pub(crate) const PAGE: i32 = 20;

/// The workload.
#[derive(Debug)]
pub(crate) struct List {
    request: Request,
    customer: Range<usize>,
    customers: Spread,
    random: fastrand::Rng,
}

impl List {
    /// The request for the page of one customer.
    pub(crate) fn message(customer: u64) -> ListOrdersRequest {
        let filter = format!("customer_id = \"{}\"", names::customer(customer));
        ListOrdersRequest { filter, page_size: PAGE, ..ListOrdersRequest::default() }
    }

    /// Reads pages of random customers among these.
    pub(crate) fn new(customers: Spread) -> Self {
        let request = Request::new(&Self::message(0));
        let customer = request.find(&names::customer(0));
        Self { request, customer, customers, random: fastrand::Rng::new() }
    }
}

impl Workload for List {
    fn next_call(&mut self) -> Call<'_> {
        names::write_customer(self.request.part(&self.customer), self.customers.any(&mut self.random));
        Call { target: Target::Query, path: LIST_ORDERS, body: self.request.bytes() }
    }
}
