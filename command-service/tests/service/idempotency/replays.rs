//! A request sent again gets the first answer again, byte for byte.

use orders_proto::orders::v1::{
    BatchCreateOrdersRequest, CreateOrderRequest, DeleteOrderRequest, ImportOrdersRequest,
    ImportOrdersResponse, Order, import_order_result::Result as Imported,
};
use prost::Message;
use prost_reflect::{DynamicMessage, Value};
use tonic::Code;

use crate::{
    bad_input::{methods, valid},
    support::{
        Service, cancel, confirm, create, draft, full, is_replay, metadata, note, ok, order_id, place,
        raw_call, raw_stream, refusal, request_id, tagged,
    },
};

/// Sends a request twice, and again after the order went on: the answer stays the first one.
async fn replays(service: &Service, method: &str, mut request: DynamicMessage, order: Option<&Order>) {
    let id = request_id();
    request.set_field_by_name("request_id", Value::String(id.clone()));
    let bytes = request.encode_to_vec();
    let channel = service.channel();
    let first = raw_call(&channel, method, bytes.clone()).await.unwrap_or_else(|e| panic!("{method}: {e:?}"));
    assert!(!is_replay(&first), "{method}");
    let rows = service.sql().await.count("order_history").await;
    for round in 0..3 {
        let again =
            raw_call(&channel, method, bytes.clone()).await.unwrap_or_else(|e| panic!("{method}: {e:?}"));
        assert!(is_replay(&again), "{method}");
        let token = |response| metadata(response, "order-consistency-token").map(str::to_owned);
        assert_eq!(token(&again), token(&first), "{method}");
        assert_eq!(again.get_ref(), first.get_ref(), "{method}");
        assert_eq!(service.sql().await.count("order_history").await, rows + round, "{method}");
        if let Some(order) = order.filter(|_| method != "DeleteOrder") {
            ok(service.client().add_order_note(note(order, "meanwhile")).await);
        } else {
            service.drafted().await;
        }
    }
    // Ids are compared as ids, not as texts.
    request.set_field_by_name("request_id", Value::String(id.to_uppercase()));
    assert!(is_replay(&raw_call(&channel, method, request.encode_to_vec()).await.unwrap()), "{method}");
}

/// An order in a state that allows the method.
async fn ready_for(service: &Service, method: &str) -> Order {
    match method {
        "UpdateOrder" | "PlaceOrder" | "DeleteOrder" => service.created(full()).await,
        "ConfirmOrder" | "HoldOrder" => service.placed(draft()).await,
        "ReleaseOrder" => service.on_hold(&service.placed(draft()).await, "wait").await,
        "ShipShipment" | "CancelShipment" => service.packed().await,
        "CompleteOrder" | "DeliverShipment" | "FailShipment" => service.shipped().await,
        _ => service.confirmed(draft()).await,
    }
}

#[tokio::test]
async fn every_method_answers_a_request_sent_again_as_it_did_first() {
    let service = Service::start().await;
    for method in methods() {
        let order = ready_for(&service, &method).await;
        let mut request = valid(&method, &order);
        match method.as_str() {
            // The valid request of the table has changes that build on each other's absence.
            "AmendOrder" => {
                let changes = request.get_field_by_name_mut("changes").unwrap().as_list_mut().unwrap();
                changes.truncate(2);
            }
            "PlaceOrder" => request.clear_field_by_name("expected_total"),
            "UpdateOrder" => {
                let encoded = tagged(&order, &["again"]).encode_to_vec();
                request =
                    DynamicMessage::decode(prost_reflect::ReflectMessage::descriptor(&request), &*encoded)
                        .unwrap();
            }
            _ => {}
        }
        let creates = matches!(method.as_str(), "CreateOrder" | "BatchCreateOrders");
        replays(&service, &method, request, (!creates).then_some(&order)).await;
    }
}

#[tokio::test]
async fn a_replay_looks_neither_at_the_etag_nor_at_the_state() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let request = orders_proto::orders::v1::ConfirmOrderRequest {
        request_id: request_id(),
        etag: placed.etag.clone(),
        ..confirm(&placed)
    };
    let confirmed = ok(service.client().confirm_order(request.clone()).await);
    ok(service.client().cancel_order(cancel(&confirmed, &[])).await);
    let again = service.client().confirm_order(request).await.unwrap();
    assert!(is_replay(&again));
    assert_eq!(again.into_inner(), confirmed);
}

#[tokio::test]
async fn a_deletion_can_be_sent_again() {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let request = DeleteOrderRequest {
        name: draft.name.clone(),
        request_id: request_id(),
        ..DeleteOrderRequest::default()
    };
    let first = service.client().delete_order(request.clone()).await.unwrap();
    let again = service.client().delete_order(request).await.unwrap();
    assert!(!is_replay(&first) && is_replay(&again));
    let token = |response| metadata(response, "order-consistency-token").map(str::to_owned);
    assert_eq!(token(&again), token(&first));
    let without_id = DeleteOrderRequest { name: draft.name.clone(), ..DeleteOrderRequest::default() };
    assert_eq!(refusal(service.client().delete_order(without_id).await).code, Code::NotFound);
}

#[tokio::test]
async fn a_creation_that_could_not_happen_again_is_still_replayed() {
    let service = Service::start().await;
    // The id and the external reference are taken by the first call itself.
    let request =
        CreateOrderRequest { order_id: order_id(), request_id: request_id(), place: true, ..create(full()) };
    let first = ok(service.client().create_order(request.clone()).await);
    let again = service.client().create_order(request.clone()).await.unwrap();
    assert!(is_replay(&again));
    assert_eq!(again.into_inner(), first, "the order number too");

    let batch = BatchCreateOrdersRequest {
        requests: vec![CreateOrderRequest { order_id: order_id(), ..create(full()) }, create(full())],
        request_id: request_id(),
        validate_only: false,
    };
    let first = ok(service.client().batch_create_orders(batch.clone()).await);
    let again = service.client().batch_create_orders(batch).await.unwrap();
    assert!(is_replay(&again));
    assert_eq!(again.into_inner(), first);
    assert_eq!(service.sql().await.count("orders").await, 3);
}

#[tokio::test]
async fn an_import_sent_again_imports_nothing_twice() {
    let service = Service::start().await;
    let stream: Vec<_> = (0..20)
        .map(|_| {
            let request = CreateOrderRequest { request_id: request_id(), place: true, ..create(full()) };
            ImportOrdersRequest { request: Some(request) }.encode_to_vec().into()
        })
        .collect();
    let import = async || {
        let answer = ok(raw_stream(&service.channel(), "ImportOrders", stream.clone()).await);
        let results = ImportOrdersResponse::decode(answer).unwrap().results;
        let imported = results.into_iter().map(|result| match result.result {
            Some(Imported::Imported(imported)) => imported,
            other => panic!("{other:?}"),
        });
        imported.collect::<Vec<_>>()
    };
    let first = import().await;
    let again = import().await;
    assert!(
        first.iter().all(|order| !order.idempotent_replay)
            && again.iter().all(|order| order.idempotent_replay)
    );
    let same =
        |(a, b): (&orders_proto::orders::v1::ImportedOrder, &orders_proto::orders::v1::ImportedOrder)| {
            (&a.name, &a.order_number, a.version) == (&b.name, &b.order_number, b.version)
        };
    assert!(first.iter().zip(&again).all(same));
    assert_eq!(service.sql().await.count("orders").await, 20);
}

#[tokio::test]
async fn a_call_without_an_id_is_carried_out_each_time() {
    let service = Service::start().await;
    let order = service.drafted().await;
    for version in 2..5 {
        let response = service.client().add_order_note(note(&order, "again")).await.unwrap();
        assert!(!is_replay(&response));
        assert_eq!(response.into_inner().version, version);
    }
    ok(service.client().place_order(place(&order)).await);
}
