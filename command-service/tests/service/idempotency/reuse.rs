//! A request id belongs to one request that went well.

use orders_proto::orders::v1::{
    AddOrderNoteRequest, BatchCreateOrdersRequest, ConfirmOrderRequest, CreateOrderRequest,
    DeleteOrderRequest, Order, PlaceOrderRequest, UpdateOrderRequest,
};
use tonic::{Code, Response, Status};

use crate::support::{
    Refusal, Service, cancel, confirm, contact, create, draft, is_replay, line, note, ok, place, refusal,
    request_id, tagged,
};

fn reused<T>(answer: Result<Response<T>, Status>) {
    let refusal = refusal(answer);
    assert_eq!(
        (refusal.code, refusal.reason.as_str()),
        (Code::InvalidArgument, "REQUEST_ID_REUSED"),
        "{refusal:?}"
    );
    assert_eq!(refusal.fields, [("request_id".to_owned(), "REQUEST_ID_REUSED".to_owned())]);
}

#[tokio::test]
async fn another_payload_is_refused() {
    let service = Service::start().await;
    let mut client = service.client();
    let (order, other) = (service.drafted().await, service.drafted().await);
    let id = request_id();
    let sent = AddOrderNoteRequest { request_id: id.clone(), ..note(&order, "one") };
    ok(client.add_order_note(sent.clone()).await);
    let before = service.sql().await.fingerprint().await;
    reused(client.add_order_note(AddOrderNoteRequest { text: "two".to_owned(), ..sent.clone() }).await);
    reused(client.add_order_note(AddOrderNoteRequest { etag: "W/\"1\"".to_owned(), ..sent.clone() }).await);
    reused(client.add_order_note(AddOrderNoteRequest { name: other.name.clone(), ..sent.clone() }).await);
    reused(client.add_order_note(AddOrderNoteRequest { validate_only: true, ..sent.clone() }).await);
    reused(client.create_order(CreateOrderRequest { request_id: id.clone(), ..create(draft()) }).await);
    let requests = vec![create(draft())];
    reused(
        client
            .batch_create_orders(BatchCreateOrdersRequest { requests, request_id: id, validate_only: false })
            .await,
    );
    assert_eq!(service.sql().await.fingerprint().await, before);
    assert!(is_replay(&client.add_order_note(sent).await.unwrap()));
}

#[tokio::test]
async fn another_method_with_the_same_bytes_is_refused() {
    let service = Service::start().await;
    let mut client = service.client();
    let draft = service.drafted().await;
    let id = request_id();
    // Both requests are the same bytes: a name and an id.
    ok(client.place_order(PlaceOrderRequest { request_id: id.clone(), ..place(&draft) }).await);
    reused(client.confirm_order(ConfirmOrderRequest { request_id: id.clone(), ..confirm(&draft) }).await);
    reused(
        client
            .delete_order(DeleteOrderRequest { name: draft.name, request_id: id, ..Default::default() })
            .await,
    );
}

#[tokio::test]
async fn a_creation_and_a_batch_are_told_apart() {
    let service = Service::start().await;
    let mut client = service.client();
    let id = request_id();
    ok(client.create_order(CreateOrderRequest { request_id: id.clone(), ..create(draft()) }).await);
    reused(
        client
            .create_order(CreateOrderRequest { request_id: id.clone(), place: true, ..create(draft()) })
            .await,
    );
    let batch = |count: usize, id: &str| BatchCreateOrdersRequest {
        requests: vec![create(draft()); count],
        request_id: id.to_owned(),
        validate_only: false,
    };
    reused(client.batch_create_orders(batch(1, &id)).await);
    let id = request_id();
    ok(client.batch_create_orders(batch(2, &id)).await);
    reused(client.batch_create_orders(batch(1, &id)).await);
    reused(client.batch_create_orders(batch(3, &id)).await);
    reused(client.create_order(CreateOrderRequest { request_id: id, ..create(draft()) }).await);
    assert_eq!(service.sql().await.count("orders").await, 3);
}

#[tokio::test]
async fn a_command_that_failed_gives_its_id_back() {
    let service = Service::start().await;
    let mut client = service.client();
    let nobody = service.created(Order { contact: None, ..draft() }).await;
    let id = request_id();
    let request = PlaceOrderRequest { request_id: id.clone(), ..place(&nobody) };
    assert_eq!(refusal(client.place_order(request.clone()).await).reason, "CONTACT_REQUIRED");

    // The same request, once nothing is in its way any more.
    let mut update = UpdateOrderRequest { ..tagged(&nobody, &[]) };
    update.order.as_mut().unwrap().contact = Some(contact());
    update.update_mask.as_mut().unwrap().paths = vec!["contact".to_owned()];
    ok(client.update_order(update).await);
    let placed = client.place_order(request.clone()).await.unwrap();
    assert!(!is_replay(&placed));
    assert!(is_replay(&client.place_order(request).await.unwrap()));

    // And the id of a failure can be used for something else.
    let id = request_id();
    let mut bad = create(draft());
    bad.order.as_mut().unwrap().lines[0] = line("a b", 1, 1);
    bad.request_id = id.clone();
    assert_eq!(refusal(client.create_order(bad).await).reason, "INVALID_FIELD");
    let cancelled = ok(client.cancel_order(cancel(&nobody, &[])).await);
    let refused = ConfirmOrderRequest { request_id: id.clone(), ..confirm(&cancelled) };
    assert_eq!(refusal(client.confirm_order(refused).await).reason, "INVALID_STATE_TRANSITION");
    ok(client.create_order(CreateOrderRequest { request_id: id, ..create(draft()) }).await);
}

#[tokio::test]
async fn what_was_only_tried_gives_its_id_back() {
    let service = Service::start().await;
    let request = CreateOrderRequest { request_id: request_id(), ..create(draft()) };
    let trial = CreateOrderRequest { validate_only: true, ..request.clone() };
    for _ in 0..2 {
        assert!(!is_replay(&service.client().create_order(trial.clone()).await.unwrap()));
    }
    assert!(!is_replay(&service.client().create_order(request).await.unwrap()));
}

#[tokio::test]
async fn ids_belong_to_their_tenant() {
    let service = Service::start().await;
    let request = CreateOrderRequest { request_id: request_id(), ..create(draft()) };
    let first = service.client_of("acme").create_order(request.clone()).await.unwrap();
    let second = service.client_of("globex").create_order(request.clone()).await.unwrap();
    assert!(!is_replay(&first) && !is_replay(&second));
    assert_ne!(first.get_ref().name, second.get_ref().name);
    let again = service.client_of("acme").create_order(request.clone()).await.unwrap();
    assert!(is_replay(&again));
    assert_eq!(again.get_ref(), first.get_ref());
    let different = CreateOrderRequest { place: true, ..request };
    let refusal: Refusal = refusal(service.client_of("globex").create_order(different.clone()).await);
    assert_eq!(refusal.reason, "REQUEST_ID_REUSED");
    ok(service.client_of("initech").create_order(different).await);
}
