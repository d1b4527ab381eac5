//! What every test needs: services on a database of their own, clients, valid requests, and refusals taken apart. No test
//! stands in here.

mod journey;
mod orders;
mod raw;
mod refusal;
mod service;
mod sql;

use orders_proto::orders::v1::Order;
use tonic::{Response, Status};
use uuid::Uuid;

pub(crate) use self::{
    orders::{
        address, amend, cancel, capture, confirm, contact, create, discount, draft, eur, full, line, money,
        note, place, ship, shipment, shipping, surcharge, tagged, uuid_of,
    },
    raw::{raw_call, raw_request, raw_stream},
    refusal::{Refusal, refusal},
    service::{Client, Service},
    sql::Sql,
};

/// A new request id.
pub(crate) fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// An id to create an order with.
pub(crate) fn order_id() -> String {
    Uuid::now_v7().to_string()
}

/// The answer of a call that must have gone well.
pub(crate) fn ok<T>(answer: Result<Response<T>, Status>) -> T {
    answer.unwrap_or_else(|status| panic!("{status:?}")).into_inner()
}

/// A text of the response metadata.
pub(crate) fn metadata<'a, T>(response: &'a Response<T>, key: &str) -> Option<&'a str> {
    response.metadata().get(key).map(|value| value.to_str().unwrap())
}

/// Whether the service says that it gave this answer before.
pub(crate) fn is_replay<T>(response: &Response<T>) -> bool {
    metadata(response, "idempotent-replay") == Some("true")
}

/// The order as it is published: without the token of the commit.
pub(crate) fn published(order: Order) -> Order {
    Order { consistency_token: String::new(), ..order }
}
