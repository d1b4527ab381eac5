//! BatchCreateOrders.

use std::collections::HashSet;

use orders_proto::orders::v1::{BatchCreateOrdersRequest, CreateOrderRequest, Order, OrderState};
use tonic::Code;

use crate::support::{
    Service, create, draft, eur, full, is_replay, line, metadata, ok, order_id, published, refusal,
    request_id,
};

fn batch(requests: Vec<CreateOrderRequest>) -> BatchCreateOrdersRequest {
    BatchCreateOrdersRequest { requests, ..BatchCreateOrdersRequest::default() }
}

/// A draft that can be told from others.
fn numbered(number: usize) -> CreateOrderRequest {
    create(Order { customer_id: format!("customer-{number}"), ..draft() })
}

#[tokio::test]
async fn a_hundred_orders_in_one_commit() {
    let service = Service::start().await;
    let mut requests: Vec<_> = (0..100).map(numbered).collect();
    for (number, request) in requests.iter_mut().enumerate() {
        request.place = number % 2 == 0;
    }
    requests[7].order_id = order_id();
    requests[8].expected_total = Some(eur(33_00));
    let response = service.client().batch_create_orders(batch(requests.clone())).await.unwrap();
    let token = metadata(&response, "order-consistency-token").unwrap().to_owned();
    assert!(!token.is_empty() && !is_replay(&response));
    let orders = response.into_inner().orders;

    for (number, order) in orders.iter().enumerate() {
        assert_eq!(order.customer_id, format!("customer-{number}"), "in the order of the requests");
        assert_eq!((order.version, order.update_time), (1, orders[0].update_time));
        let expected = if number % 2 == 0 { OrderState::Placed } else { OrderState::Draft };
        assert_eq!((order.state(), order.order_number.is_empty()), (expected, number % 2 != 0));
        assert!(!order.consistency_token.is_empty());
    }
    assert_eq!(orders.last().unwrap().consistency_token, token);
    assert_eq!(orders[7].name, format!("orders/{}", requests[7].order_id));
    assert_eq!(orders.iter().map(|order| &order.name).collect::<HashSet<_>>().len(), 100);
    let sql = service.sql().await;
    assert_eq!(sql.count("orders").await, 100);
    assert_eq!(sql.number("SELECT count(DISTINCT xid) FROM order_history").await, 1, "one transaction");
}

#[tokio::test]
async fn orders_of_a_batch_are_like_any_other() {
    let service = Service::start().await;
    let request = CreateOrderRequest { place: true, ..create(full()) };
    let mut alone = request.clone();
    // The same order but for its reference, which is unique.
    alone.order.as_mut().unwrap().external_reference.as_mut().unwrap().id = "another".to_owned();
    let single = ok(service.client().create_order(alone).await);
    let member = ok(service.client().batch_create_orders(batch(vec![request])).await).orders.remove(0);
    let alike = |order: Order| Order {
        name: String::new(),
        order_number: String::new(),
        external_reference: None,
        create_time: None,
        update_time: None,
        place_time: None,
        ..published(order)
    };
    assert_eq!(alike(member), alike(single));
}

#[tokio::test]
async fn one_bad_order_spoils_them_all() {
    let service = Service::start().await;
    let taken = service.created(full()).await;
    let before = service.sql().await.fingerprint().await;
    let with_reference = || create(Order { external_reference: taken.external_reference.clone(), ..draft() });
    let free = full().external_reference;
    let with_free_reference = || create(Order { external_reference: free.clone(), ..draft() });
    let existing = taken.name.strip_prefix("orders/").unwrap().to_owned();
    let malformed = create(Order { lines: vec![line("a b", 1, 1)], ..draft() });
    let nobody = CreateOrderRequest { place: true, ..create(Order { contact: None, ..draft() }) };
    let wrong_total = CreateOrderRequest { expected_total: Some(eur(1)), ..create(draft()) };
    let overflow = create(Order { lines: vec![line("A", 2, 1_000_000_000_000_000)], ..draft() });
    let cases = [
        (vec![malformed], Code::InvalidArgument, "INVALID_FIELD"),
        (vec![overflow], Code::InvalidArgument, "MONEY_OUT_OF_RANGE"),
        (vec![nobody], Code::FailedPrecondition, "CONTACT_REQUIRED"),
        (vec![wrong_total], Code::FailedPrecondition, "TOTAL_MISMATCH"),
        (
            vec![CreateOrderRequest { order_id: existing, ..create(draft()) }],
            Code::AlreadyExists,
            "ORDER_ALREADY_EXISTS",
        ),
        (vec![with_reference()], Code::AlreadyExists, "EXTERNAL_REFERENCE_TAKEN"),
        (vec![with_free_reference(), with_free_reference()], Code::InvalidArgument, "INVALID_FIELD"),
    ];
    for (bad, code, reason) in cases {
        let mut requests: Vec<_> = (0..5).map(numbered).collect();
        requests.extend(bad);
        requests.extend((6..10).map(numbered));
        for validate_only in [true, false] {
            let request = BatchCreateOrdersRequest {
                requests: requests.clone(),
                request_id: request_id(),
                validate_only,
            };
            let refused = refusal(service.client().batch_create_orders(request.clone()).await);
            assert_eq!(
                (refused.code, refused.reason.as_str()),
                (code, reason),
                "validate_only: {validate_only}"
            );
            let again = refusal(service.client().batch_create_orders(request).await);
            assert_eq!((again.code, again.reason.as_str()), (code, reason), "a failure is not stored");
        }
    }
    assert_eq!(service.sql().await.fingerprint().await, before);
}

#[tokio::test]
async fn the_bad_orders_are_named() {
    let service = Service::start().await;
    let malformed = create(Order { lines: vec![line("a b", 1, 1)], ..draft() });
    let requests = vec![numbered(0), malformed.clone(), numbered(2), malformed];
    let refused = refusal(service.client().batch_create_orders(batch(requests)).await);
    assert_eq!(refused.bad_fields(), ["requests[1].order.lines[0].sku", "requests[3].order.lines[0].sku"]);

    let nobody = CreateOrderRequest { place: true, ..create(Order { contact: None, ..draft() }) };
    let wrong_total = CreateOrderRequest { expected_total: Some(eur(1)), ..nobody.clone() };
    let requests = vec![numbered(0), nobody, numbered(2), wrong_total];
    let refused = refusal(service.client().batch_create_orders(batch(requests)).await);
    let told: Vec<_> = refused.preconditions.iter().map(|(rule, at)| (rule.as_str(), at.as_str())).collect();
    let (first, last) = ("requests[1].order", "requests[3].order");
    assert_eq!(told, [("CONTACT_REQUIRED", first), ("CONTACT_REQUIRED", last), ("TOTAL_MISMATCH", last)]);

    let twice = create(full());
    let refused =
        refusal(service.client().batch_create_orders(batch(vec![numbered(0), twice.clone(), twice])).await);
    assert_eq!(refused.bad_fields(), ["requests[2].order.external_reference"]);
}

#[tokio::test]
async fn validate_only_answers_what_would_be() {
    let service = Service::start().await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let requests = vec![create(full()), CreateOrderRequest { place: true, ..create(full()) }];
    let trial = BatchCreateOrdersRequest { validate_only: true, ..batch(requests) };
    let orders = ok(service.client().batch_create_orders(trial).await).orders;
    assert_eq!(orders.iter().map(Order::state).collect::<Vec<_>>(), [OrderState::Draft, OrderState::Placed]);
    assert!(orders.iter().all(|order| order.consistency_token.is_empty()));
    assert_eq!(sql.fingerprint().await, before);
}
