//! Holds and releases orders: each call changes the next one of many, so that no two calls are about the same order.

use std::ops::Range;

use orders_proto::orders::v1::{HoldOrderRequest, ReleaseOrderRequest};

use super::request::{Request, SOME_UUID, write_random_uuid};
use crate::{
    dataset::names,
    load::{Call, Target, Workload},
};

const HOLD_ORDER: &str = "/orders.v1.OrderCommandService/HoldOrder";
const RELEASE_ORDER: &str = "/orders.v1.OrderCommandService/ReleaseOrder";
/// From one order to the next: neighbours in time are not neighbours in the table.
const STRIDE: u64 = 7_919;

/// One of the two requests.
#[derive(Debug)]
struct OneWay {
    request: Request,
    request_id: Range<usize>,
    order: Range<usize>,
}

impl OneWay {
    fn new(request: Request) -> Self {
        let (request_id, order) = (request.find(SOME_UUID), request.find(&names::order(0)));
        Self { request, request_id, order }
    }
}

/// The workload. It has to live as long as the data set: it knows which orders it has put on hold.
#[derive(Debug)]
pub(crate) struct Change {
    hold: OneWay,
    release: OneWay,
    on_hold: Vec<bool>,
    next: u64,
    random: fastrand::Rng,
}

impl Change {
    /// Changes the first `orders` orders of the data set, which nobody else changes.
    pub(crate) fn new(orders: u64) -> Self {
        let (name, request_id) = (format!("orders/{}", names::order(0)), SOME_UUID.to_owned());
        let hold = HoldOrderRequest {
            name: name.clone(),
            reason: "Address looks odd".to_owned(),
            request_id: request_id.clone(),
            ..HoldOrderRequest::default()
        };
        let release = ReleaseOrderRequest { name, request_id, ..ReleaseOrderRequest::default() };
        // With the stride and their number prime to each other, every order has its turn.
        let orders = if orders.is_multiple_of(STRIDE) { orders - 1 } else { orders };
        Self {
            hold: OneWay::new(Request::new(&hold)),
            release: OneWay::new(Request::new(&release)),
            on_hold: vec![false; usize::try_from(orders).expect("orders fit into memory")],
            next: 0,
            random: fastrand::Rng::new(),
        }
    }
}

impl Workload for Change {
    fn next_call(&mut self) -> Call<'_> {
        self.next = (self.next + STRIDE) % self.on_hold.len() as u64;
        let on_hold = &mut self.on_hold[self.next as usize];
        let (path, change) =
            if *on_hold { (RELEASE_ORDER, &mut self.release) } else { (HOLD_ORDER, &mut self.hold) };
        *on_hold = !*on_hold;
        write_random_uuid(change.request.part(&change.request_id), &mut self.random);
        names::write_order(change.request.part(&change.order), self.next);
        Call { target: Target::Command, path, body: change.request.bytes() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_order_is_held_before_one_is_released() {
        let mut change = Change::new(2 * STRIDE);
        let orders = change.on_hold.len();
        let mut seen = HashSet::new();
        for _ in 0..orders {
            assert_eq!(change.next_call().path, HOLD_ORDER);
            assert!(seen.insert(change.next));
        }
        assert_eq!(change.next_call().path, RELEASE_ORDER);
    }
}
