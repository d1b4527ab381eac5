//! PlaceOrder, ConfirmOrder, HoldOrder, ReleaseOrder, CompleteOrder.

use std::collections::HashSet;

use orders_proto::orders::v1::{
    CompleteOrderRequest, ConfirmOrderRequest, FulfillmentState, HoldOrderRequest, Order, OrderState,
    PaymentState, PlaceOrderRequest, ReleaseOrderRequest,
};

use super::{follows, micros};
use crate::support::{
    Service, capture, confirm, draft, eur, full, line, metadata, ok, place, published, ship, shipment,
};

fn complete(order: &Order) -> CompleteOrderRequest {
    CompleteOrderRequest { name: order.name.clone(), ..CompleteOrderRequest::default() }
}

#[tokio::test]
async fn from_draft_to_completed() {
    let service = Service::start().await;
    let mut client = service.client();
    let draft = service.drafted().await;
    let placed =
        ok(client.place_order(PlaceOrderRequest { expected_total: Some(eur(33_00)), ..place(&draft) }).await);
    follows(&draft, &placed);
    assert_eq!((placed.state(), placed.place_time), (OrderState::Placed, placed.update_time));
    assert!(placed.order_number.starts_with("ORD-"));

    let response = client.confirm_order(confirm(&placed)).await.unwrap();
    let token = metadata(&response, "order-consistency-token").unwrap().to_owned();
    let confirmed = response.into_inner();
    follows(&placed, &confirmed);
    assert_eq!(confirmed.consistency_token, token);
    assert_eq!((confirmed.state(), confirmed.confirm_time), (OrderState::Confirmed, confirmed.update_time));

    let packed = ok(client.create_shipment(shipment(&confirmed, &[(1, 2), (2, 1)])).await);
    let shipped = ok(client.ship_shipment(ship(&packed, 1)).await);
    let paid = ok(client.record_payment_transaction(capture(&shipped, "c-1", 33_00)).await);
    let completed = ok(client.complete_order(complete(&paid)).await);
    follows(&paid, &completed);
    assert_eq!((completed.state(), completed.complete_time), (OrderState::Completed, completed.update_time));
    assert_eq!(completed.payment_state(), PaymentState::Paid);
    assert_eq!(completed.fulfillment_state(), FulfillmentState::Shipped);
    assert_eq!(completed.version, 7);
    let times =
        [completed.create_time, completed.place_time, completed.confirm_time, completed.complete_time];
    assert!(times.map(micros).is_sorted());
    for order in [&confirmed, &completed] {
        assert_eq!((&order.order_number, order.place_time), (&placed.order_number, placed.place_time));
    }
}

#[tokio::test]
async fn every_number_is_given_once() {
    let service = Service::start().await;
    let twin = service.twin().await;
    let mut numbers = HashSet::new();
    for _ in 0..20 {
        for service in [&service, &twin] {
            assert!(numbers.insert(service.placed(draft()).await.order_number));
        }
    }
}

#[tokio::test]
async fn a_hold_stops_an_order_until_it_is_released() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let held = service.on_hold(&placed, "address is checked").await;
    follows(&placed, &held);
    let hold = held.hold.clone().unwrap();
    assert_eq!((hold.reason.as_str(), hold.hold_time), ("address is checked", held.update_time));
    assert_eq!(held.state(), OrderState::Placed);

    let release = ReleaseOrderRequest {
        name: held.name.clone(),
        reason: "it is right".to_owned(),
        ..Default::default()
    };
    let released = ok(service.client().release_order(release).await);
    follows(&held, &released);
    assert_eq!(released.hold, None);
    assert_eq!(ok(service.client().confirm_order(confirm(&released)).await).state(), OrderState::Confirmed);
}

#[tokio::test]
async fn an_unpaid_order_is_completed_for_a_reason() {
    let service = Service::start().await;
    let shipped = service.shipped().await;
    let request =
        CompleteOrderRequest { payment_override_reason: "paid by invoice".to_owned(), ..complete(&shipped) };
    let completed = ok(service.client().complete_order(request).await);
    assert_eq!((completed.state(), completed.payment_state()), (OrderState::Completed, PaymentState::Unpaid));
}

#[tokio::test]
async fn services_need_neither_an_address_nor_a_shipment() {
    let service = Service::start().await;
    let mut lesson = line("LESSON", 1, 50_00);
    lesson.requires_shipping = Some(false);
    let order = Order { lines: vec![lesson], shipping_address: None, ..draft() };
    let confirmed = service.confirmed(order).await;
    assert_eq!(confirmed.fulfillment_state(), FulfillmentState::NotRequired);
    ok(service.client().record_payment_transaction(capture(&confirmed, "c-1", 50_00)).await);
    assert_eq!(
        ok(service.client().complete_order(complete(&confirmed)).await).state(),
        OrderState::Completed
    );
}

#[tokio::test]
async fn the_right_etag_is_accepted() {
    let service = Service::start().await;
    let draft = service.created(full()).await;
    let etag = draft.etag.clone();
    let placed = ok(service.client().place_order(PlaceOrderRequest { etag, ..place(&draft) }).await);
    let etag = placed.etag.clone();
    let confirmed =
        ok(service.client().confirm_order(ConfirmOrderRequest { etag, ..confirm(&placed) }).await);
    assert_eq!(confirmed.etag, "W/\"3\"");
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let (draft, placed, held, shipped) = (
        service.drafted().await,
        service.placed(draft()).await,
        service.on_hold(&service.placed(draft()).await, "wait").await,
        service.shipped().await,
    );
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let mut client = service.client();
    let tried = ok(client.place_order(PlaceOrderRequest { validate_only: true, ..place(&draft) }).await);
    assert_eq!((tried.state(), tried.version), (OrderState::Placed, 2));
    let tried =
        ok(client.confirm_order(ConfirmOrderRequest { validate_only: true, ..confirm(&placed) }).await);
    assert_eq!((tried.state(), tried.version), (OrderState::Confirmed, 3));
    let hold = HoldOrderRequest {
        name: placed.name.clone(),
        reason: "wait".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    assert!(ok(client.hold_order(hold).await).hold.is_some());
    let release = ReleaseOrderRequest { name: held.name.clone(), validate_only: true, ..Default::default() };
    assert_eq!(ok(client.release_order(release).await).hold, None);
    let request = CompleteOrderRequest {
        payment_override_reason: "a trial".to_owned(),
        validate_only: true,
        ..complete(&shipped)
    };
    let tried = ok(client.complete_order(request).await);
    assert_eq!((tried.state(), tried.consistency_token.as_str()), (OrderState::Completed, ""));
    assert_eq!(sql.fingerprint().await, before);
    // And what was tried can still be done.
    let confirmed = ok(client.confirm_order(confirm(&placed)).await);
    assert_eq!(published(confirmed).version, 3);
}
