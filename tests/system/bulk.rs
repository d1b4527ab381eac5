//! Many orders in one call: what BatchCreateOrders and ImportOrders say was made is there to be read.

use orders_proto::orders::v1::{
    BatchCreateOrdersRequest, BatchGetOrdersRequest, CreateOrderRequest, GetOrderRequest,
    ImportOrdersRequest, Order, import_order_result::Result as Imported,
};
use tonic::Code;

use crate::support::{System, cart, published, request_id};

fn create(place: bool) -> CreateOrderRequest {
    CreateOrderRequest { order: Some(cart()), place, ..CreateOrderRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_created_whole_or_not_at_all() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let requests = (0..100).map(|number| create(number % 2 == 0)).collect();
    let batch = BatchCreateOrdersRequest { requests, request_id: request_id(), ..Default::default() };
    let created = commands.batch_create_orders(batch.clone()).await.unwrap().into_inner();
    let again = commands.batch_create_orders(batch).await.unwrap();
    assert_eq!(again.metadata().get("idempotent-replay").unwrap(), "true");
    assert_eq!(again.into_inner(), created);

    let names = created.orders.iter().map(|order| order.name.clone()).collect();
    let read = queries
        .batch_get_orders(BatchGetOrdersRequest { names, ..BatchGetOrdersRequest::default() })
        .await
        .unwrap()
        .into_inner();
    let bytes = |orders: &[Order]| orders.iter().map(published).collect::<Vec<_>>();
    assert_eq!(bytes(&read.orders), bytes(&created.orders));

    // One bad order among good ones.
    let mut requests = vec![create(true), create(true), create(true)];
    requests[1].order.as_mut().unwrap().contact = None;
    let refused =
        commands.batch_create_orders(BatchCreateOrdersRequest { requests, ..Default::default() }).await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(system.sql().await.number("SELECT count(*) FROM order_history").await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_order_does_not_stop_an_import() {
    let system = System::start().await;
    let (mut commands, mut queries) = (system.commands().await, system.queries().await);
    let requests: Vec<_> = (0..300)
        .map(|number| {
            let mut request = CreateOrderRequest { request_id: request_id(), ..create(true) };
            if number % 10 == 3 {
                request.order.as_mut().unwrap().currency_code = "GOLD".to_owned();
            }
            ImportOrdersRequest { request: Some(request) }
        })
        .collect();
    let first = commands.import_orders(tokio_stream::iter(requests.clone())).await.unwrap().into_inner();
    let second = commands.import_orders(tokio_stream::iter(requests.clone())).await.unwrap().into_inner();
    assert_eq!((first.results.len(), second.results.len()), (requests.len(), requests.len()));

    for (number, (first, second)) in first.results.into_iter().zip(second.results).enumerate() {
        match (first.result.unwrap(), second.result.unwrap()) {
            (Imported::Imported(first), Imported::Imported(second)) => {
                assert_ne!(number % 10, 3);
                assert!(!first.idempotent_replay && second.idempotent_replay);
                assert_eq!((&first.name, first.version), (&second.name, 1));
                let read = GetOrderRequest { name: first.name, ..GetOrderRequest::default() };
                let order = queries.get_order(read).await.unwrap().into_inner();
                assert_eq!((order.order_number, order.version), (first.order_number, 1));
            }
            (Imported::Error(first), Imported::Error(second)) => {
                assert_eq!(number % 10, 3);
                assert_eq!(
                    (first.code, second.code),
                    (Code::InvalidArgument as i32, Code::InvalidArgument as i32)
                );
            }
            (first, second) => panic!("order {number}: {first:?}, then {second:?}"),
        }
    }
    assert_eq!(system.sql().await.number("SELECT count(*) FROM orders").await, 270);
}
