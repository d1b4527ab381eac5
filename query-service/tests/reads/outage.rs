//! A database that goes away is an outage, not an accident.

use std::time::Duration;

use orders_proto::orders::v1::{
    DatabaseRole, DatabaseStatus, GetOrderRequest, GetReadStatusRequest, GetReadStatusResponse,
    ListOrdersRequest,
};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Service, order, refusal};

#[tokio::test]
async fn every_call_answers_unavailable_and_says_when_to_come_back() {
    let mut service = Service::start().await;
    let order = order();
    service.commit(&order).await;
    service.lose_database();
    let get = || async {
        service
            .client()
            .get_order(GetOrderRequest { name: order.name.clone(), ..GetOrderRequest::default() })
            .await
    };
    while get().await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for _ in 0..10 {
        let list = service.client().list_orders(ListOrdersRequest::default()).await;
        for status in [refusal(get().await), refusal(list)] {
            let details = status.get_error_details();
            assert_eq!(status.code(), Code::Unavailable);
            assert_eq!(details.error_info().unwrap().reason, "DATABASE_UNAVAILABLE");
            assert!(details.retry_info().is_some_and(|retry| retry.retry_delay.is_some()));
        }
    }
    // Whoever asks how the databases are is told.
    let status = service.client().get_read_status(GetReadStatusRequest {}).await.unwrap().into_inner();
    let out_of_reach = DatabaseStatus { role: DatabaseRole::Unspecified.into(), ..DatabaseStatus::default() };
    let expected =
        GetReadStatusResponse { databases: vec![out_of_reach], ..GetReadStatusResponse::default() };
    assert_eq!(status, expected);
}
