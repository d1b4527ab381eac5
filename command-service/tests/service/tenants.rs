//! Tenants are walls: what belongs to one cannot be seen, changed or run into by another.

use bytes::Bytes;
use futures_util::stream;
use orders_proto::orders::v1::{
    BatchCreateOrdersRequest, CreateOrderRequest, ImportOrdersRequest,
    order_command_service_client::OrderCommandServiceClient,
};
use prost::Message;
use tonic::{Code, Request, Status, metadata::MetadataValue};

use crate::{
    bad_input::{methods, valid},
    support::{
        Refusal, Service, create, draft, full, is_replay, note, ok, order_id, place, raw_request, refusal,
        request_id, tagged,
    },
};

/// Calls a method for a tenant with a prepared message.
async fn call_as(service: &Service, tenant: &str, method: &str, message: Bytes) -> Result<(), Status> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-tenant-id", tenant.parse().unwrap());
    raw_request(&service.channel(), method, request).await.map(drop)
}

#[tokio::test]
async fn no_method_finds_the_order_of_another_tenant() {
    let service = Service::start().await;
    let order = ok(service.client_of("acme").create_order(create(full())).await);
    let before = service.sql().await.fingerprint().await;
    let creating = ["CreateOrder", "BatchCreateOrders"];
    for method in methods().into_iter().filter(|method| !creating.contains(&method.as_str())) {
        let request = valid(&method, &order).encode_to_vec();
        for stranger in ["globex", "default", "acme-2"] {
            let refused = Refusal::from(
                call_as(&service, stranger, &method, request.clone().into()).await.unwrap_err(),
            );
            assert_eq!(
                (refused.code, refused.reason.as_str()),
                (Code::NotFound, "ORDER_NOT_FOUND"),
                "{method}"
            );
            assert!(!refused.message.contains("acme"), "{}", refused.message);
        }
    }
    assert_eq!(service.sql().await.fingerprint().await, before);
    assert_eq!(ok(service.client_of("acme").place_order(place(&order)).await).version, 2);
}

#[tokio::test]
async fn ids_references_and_request_ids_do_not_collide() {
    let service = Service::start().await;
    let request = CreateOrderRequest { order_id: order_id(), request_id: request_id(), ..create(full()) };
    let mut orders = vec![];
    for tenant in ["acme", "globex", "default"] {
        let response = service.client_of(tenant).create_order(request.clone()).await.unwrap();
        assert!(!is_replay(&response), "{tenant}");
        orders.push(response.into_inner());
    }
    assert!(orders.iter().all(|order| order.name == orders[0].name));
    assert_eq!(service.sql().await.count("orders").await, 3, "three orders of one name");

    // Each goes its own way.
    ok(service.client_of("acme").update_order(tagged(&orders[0], &["acme"])).await);
    ok(service.client_of("acme").place_order(place(&orders[0])).await);
    let noted = ok(service.client_of("globex").add_order_note(note(&orders[0], "hello")).await);
    assert_eq!((noted.version, noted.tags), (2, orders[1].tags.clone()));
    let taken = refusal(service.client_of("globex").create_order(create(request.order.unwrap())).await);
    assert_eq!(taken.reason, "EXTERNAL_REFERENCE_TAKEN");
}

#[tokio::test]
async fn the_request_id_of_another_tenant_replays_nothing() {
    let service = Service::start().await;
    let order = ok(service.client_of("acme").create_order(create(draft())).await);
    let request = orders_proto::orders::v1::AddOrderNoteRequest {
        request_id: request_id(),
        ..note(&order, "a secret")
    };
    ok(service.client_of("acme").add_order_note(request.clone()).await);
    let refused = refusal(service.client_of("globex").add_order_note(request).await);
    assert_eq!(refused.reason, "ORDER_NOT_FOUND");
}

#[tokio::test]
async fn batches_and_imports_belong_to_their_tenant() {
    let service = Service::start().await;
    let id = order_id();
    let requests = vec![CreateOrderRequest { order_id: id.clone(), ..create(draft()) }];
    let batch = BatchCreateOrdersRequest { requests, request_id: request_id(), validate_only: false };
    for tenant in ["acme", "globex"] {
        ok(service.client_of(tenant).batch_create_orders(batch.clone()).await);
    }
    for tenant in ["initech", "umbrella"] {
        let request = CreateOrderRequest { order_id: id.clone(), ..create(draft()) };
        let messages = stream::iter([ImportOrdersRequest { request: Some(request) }]);
        ok(service.client_of(tenant).import_orders(messages).await);
    }
    let sql = service.sql().await;
    assert_eq!(sql.number("SELECT count(DISTINCT tenant_id) FROM orders").await, 4);
    assert_eq!(sql.count("orders").await, 4);
}

#[tokio::test]
async fn a_malformed_tenant_is_refused_before_anything_else() {
    let service = Service::start().await;
    for tenant in ["", "Acme", "-acme", "a.b", "a b", "a/b", &"a".repeat(64)] {
        let refused = refusal(service.client_of(tenant).create_order(CreateOrderRequest::default()).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::InvalidArgument, "INVALID_FIELD"),
            "{tenant:?}"
        );
        assert_eq!(refused.bad_fields(), ["x-tenant-id"], "{tenant:?}");
    }
    for tenant in ["a", "0", &"a".repeat(63)] {
        ok(service.client_of(tenant).create_order(create(draft())).await);
    }
}

#[tokio::test]
async fn two_tenants_in_one_call_are_refused() {
    let service = Service::start().await;
    let mut request = Request::new(create(draft()));
    for tenant in ["acme", "globex"] {
        request.metadata_mut().append("x-tenant-id", MetadataValue::from_static(tenant));
    }
    let refused = refusal(OrderCommandServiceClient::new(service.channel()).create_order(request).await);
    assert_eq!((refused.code, refused.bad_fields()), (Code::InvalidArgument, vec!["x-tenant-id"]));
}
