//! What the real service writes and answers for the commands that are measured. All else is made from it.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use orders_proto::orders::v1::{
    CreateOrderRequest, HoldOrderRequest, Order, order_command_service_client::OrderCommandServiceClient,
};
use prost::Message;
use tokio_postgres::Client;

use crate::{
    dataset::{Spread, Table, names, rows_of},
    workloads::order,
};

/// How many orders a customer has.
const ORDERS_A_CUSTOMER: u64 = 50;
/// The ids of the two requests; each stands in the history, so each has to be one of its own.
const REQUESTS: [&str; 2] = ["5f0c7d1e-58a4-4b0e-9d4c-0c6d8f0e6a11", "5f0c7d1e-58a4-4b0e-9d4c-0c6d8f0e6a12"];

/// How many orders and customers there are, and which of them are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Orders {
    /// Orders in the data set.
    pub(crate) count: u64,
    /// Customers that they belong to.
    pub(crate) customers: u64,
    /// The orders that are read.
    pub(crate) read: Spread,
    /// The customers whose orders are listed and placed.
    pub(crate) active: Spread,
}

impl Orders {
    /// So many orders, all of which are looked at.
    pub(crate) fn all(count: u64) -> Self {
        Self::some(count, count)
    }

    /// So many orders, of which at most `read`, and the customers of as many, are looked at.
    pub(crate) fn some(count: u64, read: u64) -> Self {
        let customers = (count / ORDERS_A_CUSTOMER).max(1);
        let active = Spread::new(read / ORDERS_A_CUSTOMER, customers);
        Self { count, customers, read: Spread::new(read, count), active }
    }
}

/// One order of the real service.
#[derive(Debug)]
pub(crate) struct Sampled {
    /// Its rows after it was placed.
    pub(crate) placed: Vec<Table>,
    /// Its rows after it was put on hold.
    pub(crate) held: Vec<Table>,
    /// Bytes of an answer to its placement.
    pub(crate) place_answer: usize,
    /// Bytes of an answer to a read of it.
    pub(crate) get_answer: usize,
}

impl Sampled {
    /// Places an order and puts it on hold.
    pub(crate) async fn take(client: &Client, command_service: SocketAddr) -> Result<Self> {
        let mut orders = OrderCommandServiceClient::connect(format!("http://{command_service}")).await?;
        let create = CreateOrderRequest {
            order: Some(order(names::customer(0))),
            place: true,
            request_id: REQUESTS[0].to_owned(),
            ..CreateOrderRequest::default()
        };
        let order = orders.create_order(create).await?.into_inner();
        let id = order.name.strip_prefix("orders/").context("the name of an order")?;
        let placed = rows_of(client, id).await?;
        let hold = HoldOrderRequest {
            name: order.name.clone(),
            reason: "Address looks odd".to_owned(),
            request_id: REQUESTS[1].to_owned(),
            ..HoldOrderRequest::default()
        };
        orders.hold_order(hold).await?;
        let held = rows_of(client, id).await?;
        let place_answer = order.encoded_len();
        // The token is in answers to commands only.
        let get_answer = Order { consistency_token: String::new(), ..order }.encoded_len();
        Ok(Self { placed, held, place_answer, get_answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_at_does_not_grow_with_the_data_set() {
        let (small, large) = (Orders::some(10_000, 10_000), Orders::some(10_000_000, 10_000));
        assert_eq!(small.read.count(), large.read.count());
        assert_eq!((small.active.count(), large.active.count()), (200, 200));
        assert_eq!(large.active.nth(199), 199_000);
        assert_eq!(Orders::all(100_000).active.count(), 2_000);
    }
}
