//! BatchGetOrders.

use orders_proto::orders::v1::{BatchGetOrdersRequest, BatchGetOrdersResponse, Order};
use tonic::{Code, Response, Status};

use crate::support::{Service, changed, names, order, reason, refusal};

async fn batch(service: &Service, orders: &[&Order]) -> Result<Response<BatchGetOrdersResponse>, Status> {
    let names = orders.iter().map(|order| order.name.clone()).collect();
    service
        .client()
        .batch_get_orders(BatchGetOrdersRequest { names, ..BatchGetOrdersRequest::default() })
        .await
}

#[tokio::test]
async fn orders_come_in_the_order_asked_for() {
    let service = Service::start().await;
    let orders: Vec<_> = (0..100).map(|_| order()).collect();
    service.commit_all(&orders).await;
    let current = changed(&orders[7], |order| order.channel = "till".into());
    service.commit(&current).await;
    let asked: Vec<_> = orders.iter().rev().collect();
    let answer = batch(&service, &asked).await.unwrap().into_inner().orders;
    assert_eq!(names(&answer), asked.iter().map(|order| order.name.as_str()).collect::<Vec<_>>());
    assert_eq!(answer[92], current);
}

#[tokio::test]
async fn one_that_is_missing_fails_them_all() {
    let service = Service::start().await;
    let (present, missing, theirs) = (order(), order(), order());
    service.commit(&present).await;
    service.commit_of("other", &theirs).await;
    let status = refusal(batch(&service, &[&present, &missing, &theirs]).await);
    assert!([&missing, &theirs].iter().all(|order| status.message().contains(&order.name)), "{status:?}");
    assert!(!status.message().contains(&present.name));
    let answer = batch(&service, &[&theirs]).await;
    assert_eq!(reason(answer), (Code::NotFound, "ORDER_NOT_FOUND".into()));
}

#[tokio::test]
async fn orders_that_are_too_large_together_are_read_in_parts() {
    let service = Service::start().await;
    let large = || Order { tags: vec!["x".repeat(100 * 1024)], ..order() };
    let orders: Vec<_> = (0..32).map(|_| large()).collect();
    service.commit_all(&orders).await;
    let status = refusal(batch(&service, &orders.iter().collect::<Vec<_>>()).await);
    assert_eq!(reason::<()>(Err(status.clone())), (Code::InvalidArgument, "INVALID_FIELD".into()));
    assert!(status.message().contains("fewer at a time"), "{status:?}");
    for part in [&orders[..30], &orders[30..]] {
        let answer = batch(&service, &part.iter().collect::<Vec<_>>()).await.unwrap().into_inner();
        assert_eq!(answer.orders, part);
    }
}
