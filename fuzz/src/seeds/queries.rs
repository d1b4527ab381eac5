//! Requests to query-service.

use orders_proto::orders::v1::{
    AggregateOrdersRequest, BatchGetOrdersRequest, GetOrderRequest, GetReadStatusRequest,
    ListOrderHistoryRequest, ListOrdersRequest, LookupOrderRequest, OrderDimension, OrderView,
    ProviderReference, SearchOrdersRequest, WatchOrdersRequest, get_order_request::At,
    lookup_order_request::Key,
};
use prost_types::Timestamp;
use shared_infrastructure::{database::TransactionId, tokens::ConsistencyToken};

use super::{Seed, seed};

/// A filter with all that the language has.
const FILTER: &str = "(state = PLACED OR state = DRAFT) AND channel = \"web\" AND total >= \"10.50 EUR\" \
                      AND create_time < \"2030-01-01T00:00:00Z\" AND metadata.gift = \"yes\" AND tags:\"gift\"";

/// A request or more for each rpc of query-service; those about an order are about the one of this name.
#[must_use]
pub fn queries(order: &str) -> Vec<Seed> {
    let name = || order.to_owned();
    let token = || ConsistencyToken { transaction: TransactionId(3), commit: None }.sealed();
    let time = Timestamp { seconds: 1_900_000_000, nanos: 5 };
    let get = |at| GetOrderRequest { name: name(), at, consistency_token: token() };
    let lookup = |key| LookupOrderRequest { key: Some(key), consistency_token: token() };
    let reference = ProviderReference { provider: "till".into(), reference: "tx-1".into() };
    let list = |filter: &str, order_by: &str, view: OrderView| ListOrdersRequest {
        filter: filter.into(),
        order_by: order_by.into(),
        page_size: 2,
        view: view.into(),
        include_total_size: true,
        ..Default::default()
    };
    let aggregate = AggregateOrdersRequest {
        filter: "state = PLACED".into(),
        first_day: "2026-01-01".into(),
        last_day: "2026-12-31".into(),
        group_by: vec![OrderDimension::Day.into(), OrderDimension::Channel.into()],
        ..Default::default()
    };
    let search = |query: &str, view: OrderView| SearchOrdersRequest {
        query: query.into(),
        filter: "state = PLACED".into(),
        page_size: 2,
        view: view.into(),
        ..Default::default()
    };
    vec![
        seed("GetOrder", &get(None)),
        seed("GetOrder", &get(Some(At::Version(1)))),
        seed("GetOrder", &get(Some(At::ReadTime(time)))),
        seed("LookupOrder", &lookup(Key::OrderNumber("10000000".into()))),
        seed("LookupOrder", &lookup(Key::ProviderReference(reference))),
        seed("LookupOrder", &lookup(Key::TrackingNumber("T-1".into()))),
        seed("BatchGetOrders", &BatchGetOrdersRequest { names: vec![name()], consistency_token: token() }),
        seed("ListOrders", &list("", "total desc", OrderView::Basic)),
        seed("ListOrders", &list(FILTER, "", OrderView::Full)),
        seed(
            "ListOrderHistory",
            &ListOrderHistoryRequest { name: name(), page_size: 1, ..Default::default() },
        ),
        seed("SearchOrders", &search("ada mug \"st james\"", OrderView::Basic)),
        seed("SearchOrders", &search("sku-7 ad*", OrderView::Full)),
        seed("AggregateOrders", &aggregate),
        seed(
            "WatchOrders",
            &WatchOrdersRequest { filter: FILTER.into(), include_initial: true, ..Default::default() },
        ),
        seed("GetReadStatus", &GetReadStatusRequest {}),
    ]
}
