//! ImportOrders.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt, stream};
use orders_proto::{
    google::rpc,
    orders::v1::{
        CreateOrderRequest, ImportOrderResult, ImportOrdersRequest, ImportedOrder, Order,
        import_order_result::Result as R,
    },
};
use prost::Message;
use tokio::time::sleep;
use tonic::{Code, Status};

use crate::support::{Refusal, Service, create, draft, eur, full, line, ok, order_id, refusal, request_id};

fn message(request: CreateOrderRequest) -> ImportOrdersRequest {
    ImportOrdersRequest { request: Some(request) }
}

fn numbered(number: usize) -> CreateOrderRequest {
    CreateOrderRequest {
        order_id: order_id(),
        ..create(Order { customer_id: number.to_string(), ..draft() })
    }
}

async fn import(service: &Service, requests: Vec<CreateOrderRequest>) -> Vec<ImportOrderResult> {
    let messages = requests.into_iter().map(message).collect::<Vec<_>>();
    ok(service.client().import_orders(stream::iter(messages)).await).results
}

fn imported(result: &ImportOrderResult) -> &ImportedOrder {
    match &result.result {
        Some(R::Imported(imported)) => imported,
        other => panic!("{other:?}"),
    }
}

/// The error of a result, as if the call had been refused with it.
fn refused(result: &ImportOrderResult) -> Refusal {
    match &result.result {
        Some(R::Error(error)) => status(error).into(),
        other => panic!("{other:?}"),
    }
}

fn status(error: &rpc::Status) -> Status {
    Status::with_details(Code::from(error.code), &error.message, error.encode_to_vec().into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_orders_are_answered_in_their_order() {
    let service = Service::start().await;
    let requests: Vec<_> =
        (0..1_000).map(|n| CreateOrderRequest { place: n % 2 == 0, ..numbered(n) }).collect();
    let results = import(&service, requests.clone()).await;
    assert_eq!(results.len(), 1_000);
    let mut numbers = HashSet::new();
    for (number, (result, request)) in results.iter().zip(&requests).enumerate() {
        let order = imported(result);
        assert_eq!(order.name, format!("orders/{}", request.order_id), "order {number}");
        assert_eq!((order.version, order.idempotent_replay), (1, false));
        assert_eq!(order.order_number.is_empty(), number % 2 != 0);
        assert!(order.order_number.is_empty() || numbers.insert(order.order_number.clone()));
    }
    let sql = service.sql().await;
    assert_eq!((sql.count("orders").await, sql.count("order_history").await), (1_000, 1_000));
    let misplaced = format!(
        "SELECT count(*) FROM orders WHERE customer_id::int <> array_position(ARRAY[{}]::uuid[], order_id) - 1",
        requests.iter().map(|request| format!("'{}'", request.order_id)).collect::<Vec<_>>().join(",")
    );
    assert_eq!(sql.number(&misplaced).await, 0);
}

#[tokio::test]
async fn a_bad_order_does_not_stop_the_others() {
    let service = Service::start().await;
    let taken = service.created(full()).await;
    let id = request_id();
    let bad = vec![
        CreateOrderRequest::default(),
        create(Order { lines: vec![line("a b", 0, 1)], ..draft() }),
        create(Order { external_reference: taken.external_reference.clone(), ..draft() }),
        CreateOrderRequest { order_id: taken.name.replace("orders/", ""), ..create(draft()) },
        CreateOrderRequest {
            place: true,
            ..create(Order { contact: None, shipping_address: None, ..draft() })
        },
        CreateOrderRequest { request_id: "x".to_owned(), ..create(draft()) },
        CreateOrderRequest { expected_total: Some(eur(1)), request_id: id.clone(), ..create(draft()) },
    ];
    let mut requests = vec![];
    for (number, bad) in bad.iter().enumerate() {
        requests.extend([numbered(number), bad.clone()]);
    }
    // The request id of the one that was refused is free.
    requests.push(CreateOrderRequest { request_id: id, ..numbered(bad.len()) });
    let results = import(&service, requests).await;
    assert_eq!(results.len(), 2 * bad.len() + 1);
    for (number, request) in bad.into_iter().enumerate() {
        assert_eq!(imported(&results[2 * number]).version, 1);
        let told = refused(&results[2 * number + 1]);
        let alone = refusal(service.client().create_order(request).await);
        assert_eq!(told, alone, "as CreateOrder tells it");
    }
    imported(results.last().unwrap());
    assert_eq!(service.sql().await.count("orders").await, 1 + 8);
}

#[tokio::test]
async fn a_message_without_an_order() {
    let service = Service::start().await;
    let messages = vec![message(numbered(0)), ImportOrdersRequest { request: None }, message(numbered(1))];
    let results = ok(service.client().import_orders(stream::iter(messages)).await).results;
    assert_eq!(refused(&results[1]).bad_fields(), ["request"]);
    assert_eq!((imported(&results[0]).version, imported(&results[2]).version), (1, 1));
}

#[tokio::test]
async fn the_same_request_twice_in_a_stream() {
    let service = Service::start().await;
    let request = CreateOrderRequest { request_id: request_id(), ..numbered(0) };
    let other = CreateOrderRequest { place: true, ..request.clone() };
    let results = import(&service, vec![request.clone(), request.clone(), request]).await;
    let replays = results.iter().filter(|result| imported(result).idempotent_replay).count();
    assert_eq!(replays, 2);
    assert_eq!(service.sql().await.count("orders").await, 1);
    assert_eq!(refused(&import(&service, vec![other]).await[0]).reason, "REQUEST_ID_REUSED");
}

/// The stream breaks off after some orders: what was created is whole, and a second try with the same ids finishes the job.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_cut_in_the_middle_can_be_sent_again() {
    let service = Service::start().await;
    let requests: Vec<_> = (0..300)
        .map(|n| CreateOrderRequest { request_id: request_id(), place: true, ..numbered(n) })
        .collect();
    let first: Vec<_> = requests.iter().take(150).cloned().map(message).collect();
    let endless = stream::iter(first).chain(stream::pending());
    let mut client = service.another_client();
    let import_without_end = tokio::spawn(async move { client.import_orders(endless).await });
    let sql = service.sql().await;
    while sql.count("orders").await == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    import_without_end.abort();
    assert!(import_without_end.await.unwrap_err().is_cancelled(), "it could not have ended");

    assert!((1..=150).contains(&sql.count("orders").await));
    let results = import(&service, requests).await;
    assert!(results.iter().all(|result| imported(result).version == 1));
    let replayed = results.iter().filter(|result| imported(result).idempotent_replay).count();
    assert!((1..=150).contains(&replayed), "{replayed}");
    assert_eq!((sql.count("orders").await, sql.count("order_history").await), (300, 300));
    assert_eq!(sql.count("order_lines").await, 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_too_long_is_refused_where_it_gets_so() {
    let service = Service::start().await;
    // Refused ones count too, and are quick.
    let empty = || ImportOrdersRequest { request: None };
    let messages = |count: usize| stream::iter(std::iter::repeat_with(empty).take(count).collect::<Vec<_>>());
    let results = ok(service.client().import_orders(messages(10_000)).await).results;
    assert_eq!(results.len(), 10_000);
    let has_details = |result: &ImportOrderResult| match &result.result {
        Some(R::Error(error)) => error.code == Code::InvalidArgument as i32 && !error.details.is_empty(),
        other => panic!("{other:?}"),
    };
    assert!(
        has_details(&results[0]) && !has_details(&results[9_999]),
        "the answer does not outgrow what clients take"
    );
    let refused = refusal(service.client().import_orders(messages(10_001)).await);
    assert_eq!((refused.code, refused.bad_fields()), (Code::InvalidArgument, vec!["request"]));
}

#[tokio::test]
async fn an_import_is_no_trial() {
    let service = Service::start().await;
    let trial = CreateOrderRequest { validate_only: true, ..numbered(0) };
    let results = import(&service, vec![trial, numbered(1)]).await;
    assert_eq!(refused(&results[0]).bad_fields(), ["validate_only"]);
    assert_eq!(imported(&results[1]).version, 1);
    assert_eq!(service.sql().await.count("orders").await, 1);
}
