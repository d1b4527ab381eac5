//! What a stranger asks query-service.

use orders_proto::orders::v1::{
    AddOrderNoteRequest, AggregateOrdersRequest, AggregateOrdersResponse, BatchGetOrdersRequest,
    GetOrderRequest, GetReadStatusRequest, ListOrderHistoryRequest, ListOrdersRequest, ListOrdersResponse,
    LookupOrderRequest, NoteVisibility, OrderDimension, OrderView, ProviderReference, SearchOrdersRequest,
    SearchOrdersResponse, WatchOrdersRequest, get_order_request::At, lookup_order_request::Key,
    watch_orders_response,
};
use prost::Message;

use super::{
    SECRET,
    acme::{Acme, reference},
    of_tenant,
    stranger::Stranger,
};

const GET: &str = "/orders.v1.OrderQueryService/GetOrder";
const LOOKUP: &str = "/orders.v1.OrderQueryService/LookupOrder";
const BATCH: &str = "/orders.v1.OrderQueryService/BatchGetOrders";
const LIST: &str = "/orders.v1.OrderQueryService/ListOrders";
const HISTORY: &str = "/orders.v1.OrderQueryService/ListOrderHistory";
const SEARCH: &str = "/orders.v1.OrderQueryService/SearchOrders";
const AGGREGATE: &str = "/orders.v1.OrderQueryService/AggregateOrders";
const WATCH: &str = "/orders.v1.OrderQueryService/WatchOrders";
const STATUS: &str = "/orders.v1.OrderQueryService/GetReadStatus";

pub(super) async fn all(stranger: &mut Stranger, acme: &Acme) {
    for consistency_token in ["", &acme.consistency_token] {
        by_name(stranger, acme, consistency_token).await;
        by_something_else(stranger, acme, consistency_token).await;
        in_lists(stranger, acme, consistency_token).await;
    }
    let (name, page_token) = (stranger.own.name.clone(), acme.history_token.clone());
    let request = ListOrderHistoryRequest { name, page_size: 1, page_token, ..Default::default() };
    stranger.refused(HISTORY, &request).await;
    stranger.call(STATUS, &GetReadStatusRequest {}).await.unwrap();
}

async fn by_name(stranger: &mut Stranger, acme: &Acme, token: &str) {
    for order in &acme.orders {
        let name = || order.name.clone();
        for at in [
            None,
            Some(At::Version(1)),
            order.create_time.map(At::ReadTime),
            order.update_time.map(At::ReadTime),
        ] {
            let request = GetOrderRequest { name: name(), at, consistency_token: token.to_owned() };
            stranger.refused(GET, &request).await;
        }
        for names in [vec![name()], vec![stranger.own.name.clone(), name()]] {
            stranger
                .refused(BATCH, &BatchGetOrdersRequest { names, consistency_token: token.to_owned() })
                .await;
        }
        for page_token in ["", &acme.history_token] {
            let (consistency_token, page_token) = (token.to_owned(), page_token.to_owned());
            let request = ListOrderHistoryRequest {
                name: name(),
                page_size: 1,
                page_token,
                consistency_token,
                ..Default::default()
            };
            stranger.refused(HISTORY, &request).await;
        }
    }
}

async fn by_something_else(stranger: &mut Stranger, acme: &Acme, token: &str) {
    let payment = ProviderReference { provider: "till".to_owned(), reference: "payment-1".to_owned() };
    let capture = ProviderReference { provider: "till".to_owned(), reference: "capture-1".to_owned() };
    for key in [
        Key::OrderNumber(acme.orders[0].order_number.clone()),
        Key::ExternalReference(reference()),
        Key::ProviderReference(payment),
        Key::ProviderReference(capture),
        Key::TrackingNumber("track-1".to_owned()),
    ] {
        let request = LookupOrderRequest { key: Some(key), consistency_token: token.to_owned() };
        stranger.refused(LOOKUP, &request).await;
    }
}

async fn in_lists(stranger: &mut Stranger, acme: &Acme, token: &str) {
    let (view, consistency_token) = (OrderView::Full.into(), token.to_owned());
    let list = ListOrdersRequest { view, consistency_token, ..Default::default() };
    let own =
        stranger.call(LIST, &ListOrdersRequest { include_total_size: true, ..list.clone() }).await.unwrap();
    assert_eq!(ListOrdersResponse::decode(own).unwrap().orders.len(), 1, "the stranger's own order");
    for filter in [
        format!("customer_id = \"{SECRET}\""),
        format!("order_number = \"{}\"", acme.orders[0].order_number),
        "external_reference.id = \"order-1\"".to_owned(),
        "state = DRAFT".to_owned(),
    ] {
        let found = stranger.call(LIST, &ListOrdersRequest { filter: filter.clone(), ..list.clone() }).await;
        assert!(ListOrdersResponse::decode(found.unwrap()).unwrap().orders.is_empty(), "{filter}");
    }
    let page_token = acme.list_token.clone();
    stranger.refused(LIST, &ListOrdersRequest { page_size: 1, page_token, ..list }).await;

    let (query, consistency_token) = (SECRET.to_owned(), token.to_owned());
    let search = SearchOrdersRequest { query, view, consistency_token, ..Default::default() };
    for query in [SECRET, &acme.orders[0].order_number, "order-1", "track-1"] {
        let found =
            stranger.call(SEARCH, &SearchOrdersRequest { query: query.to_owned(), ..search.clone() }).await;
        assert!(SearchOrdersResponse::decode(found.unwrap()).unwrap().orders.is_empty(), "{query}");
    }
    let page_token = acme.search_token.clone();
    stranger.refused(SEARCH, &SearchOrdersRequest { page_size: 1, page_token, ..search }).await;

    let group_by = vec![OrderDimension::State.into(), OrderDimension::Day.into()];
    // What the other tenant's token stands for may be from before the stranger's own order.
    for (consistency_token, least) in [(stranger.own.consistency_token.clone(), 1), (token.to_owned(), 0)] {
        let group_by = group_by.clone();
        let request = AggregateOrdersRequest { group_by, consistency_token, ..Default::default() };
        let sums = stranger.call(AGGREGATE, &request).await.unwrap();
        let counts = AggregateOrdersResponse::decode(sums).unwrap().aggregates;
        let count: i64 = counts.iter().map(|sum| sum.order_count).sum();
        assert!((least..=1).contains(&count), "{count}, but the stranger has one order");
    }

    let (filter, resume_token) = (String::new(), acme.resume_token.clone());
    let request = WatchOrdersRequest { filter, resume_token, ..WatchOrdersRequest::default() };
    let watch = stranger.queries.watch_orders(of_tenant("globex", request)).await;
    let status = match watch {
        Err(status) => status,
        Ok(stream) => stream.into_inner().message().await.unwrap_err(),
    };
    stranger.note_refusal(WATCH, &status);
}

/// Begins a watch that is caught up once it has got as far as the other tenant, and is told of the stranger's own order only.
pub(super) async fn watch_from_a_token(stranger: &mut Stranger, acme: &Acme) {
    let consistency_token = acme.consistency_token.clone();
    let request = WatchOrdersRequest { include_initial: true, consistency_token, ..Default::default() };
    let watch = stranger.queries.watch_orders(of_tenant("globex", request)).await;
    let (mut watch, mut told) = (watch.unwrap().into_inner(), vec![]);
    loop {
        let message = watch.message().await.unwrap().unwrap();
        stranger.note_answer(WATCH, &message.encode_to_vec());
        match message.message.unwrap() {
            watch_orders_response::Message::OrderChanged(change) => told.push(change.order.unwrap().name),
            watch_orders_response::Message::CaughtUp(_) => break,
            watch_orders_response::Message::Bookmark(_) => {}
        }
    }
    assert_eq!(told, std::slice::from_ref(&stranger.own.name));
}

/// Watches everything while the other tenant goes on.
pub(super) async fn watch(stranger: &mut Stranger, acme: &Acme) {
    let mut commands = acme.commands.clone();
    let request = WatchOrdersRequest { include_initial: true, ..Default::default() };
    let watch = stranger.queries.watch_orders(of_tenant("globex", request)).await;
    let mut watch = watch.unwrap().into_inner();
    for (tenant, order) in [("acme", &acme.orders[0]), ("acme", &acme.orders[1]), ("globex", &stranger.own)] {
        let note = AddOrderNoteRequest {
            name: order.name.clone(),
            text: format!("{tenant}-secret"),
            visibility: NoteVisibility::Internal.into(),
            ..Default::default()
        };
        commands.add_order_note(of_tenant(tenant, note)).await.unwrap();
    }
    loop {
        let message = watch.message().await.unwrap().unwrap();
        stranger.note_answer(WATCH, &message.encode_to_vec());
        let Some(watch_orders_response::Message::OrderChanged(change)) = message.message else { continue };
        let order = change.order.unwrap();
        if order.name == stranger.own.name && order.version > stranger.own.version {
            break;
        }
    }
}
