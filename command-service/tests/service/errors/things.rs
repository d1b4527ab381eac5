//! What is not there, and what is there already.

use orders_proto::orders::v1::{
    CreateOrderRequest, DeleteOrderRequest, DeliverShipmentRequest, ExternalReference, Order,
    RecordPaymentTransactionRequest, RemoveAdjustment, order_change::Change,
};

use crate::support::{
    Refusal, Service, amend, cancel, capture, create, draft, note, ok, order_id, refusal, ship, shipment,
    surcharge,
};

fn resource(kind: &str, name: &str) -> Option<(String, String)> {
    Some((kind.to_owned(), name.to_owned()))
}

pub(super) async fn order_not_found() -> Refusal {
    let service = Service::start().await;
    let nowhere = Order { name: format!("orders/{}", order_id()), ..Order::default() };
    let refusal = refusal(service.client().add_order_note(note(&nowhere, "hello")).await);
    assert_eq!(refusal.resource, resource("orders.v1.Order", &nowhere.name));
    refusal
}

pub(super) async fn line_not_found() -> Refusal {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    let mut client = service.client();
    let refusals = [
        refusal(client.cancel_order(cancel(&confirmed, &[(3, 1)])).await),
        refusal(client.create_shipment(shipment(&confirmed, &[(1, 1), (3, 1)])).await),
        refusal(client.amend_order(amend(&confirmed, vec![Change::AddAdjustment(surcharge(3, 1))])).await),
    ];
    let named = resource("orders.v1.OrderLine", "lines/3");
    assert!(refusals.iter().all(|refusal| refusal.reason == "LINE_NOT_FOUND" && refusal.resource == named));
    let mut order = draft();
    order.adjustments = vec![surcharge(3, 1)];
    refusal(client.create_order(create(order)).await)
}

pub(super) async fn payment_not_found() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let request = RecordPaymentTransactionRequest {
        payment_id: 1,
        provider: String::new(),
        provider_reference: String::new(),
        ..capture(&placed, "c-1", 1)
    };
    let refusal = refusal(service.client().record_payment_transaction(request).await);
    assert_eq!(refusal.resource, resource("orders.v1.Payment", "payments/1"));
    refusal
}

pub(super) async fn shipment_not_found() -> Refusal {
    let service = Service::start().await;
    let packed = service.packed().await;
    let deliver = DeliverShipmentRequest { name: packed.name.clone(), shipment_id: 2, ..Default::default() };
    assert_eq!(refusal(service.client().deliver_shipment(deliver).await).reason, "SHIPMENT_NOT_FOUND");
    let refusal = refusal(service.client().ship_shipment(ship(&packed, 2)).await);
    assert_eq!(refusal.resource, resource("orders.v1.Shipment", "shipments/2"));
    refusal
}

pub(super) async fn adjustment_not_found() -> Refusal {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let change = Change::RemoveAdjustment(RemoveAdjustment { adjustment_id: 4 });
    let refusal = refusal(service.client().amend_order(amend(&draft, vec![change])).await);
    assert_eq!(refusal.resource, resource("orders.v1.Adjustment", "adjustments/4"));
    refusal
}

pub(super) async fn order_already_exists() -> Refusal {
    let service = Service::start().await;
    let request = CreateOrderRequest { order_id: order_id(), ..create(draft()) };
    let order = ok(service.client().create_order(request.clone()).await);
    let there = refusal(service.client().create_order(request.clone()).await);
    assert_eq!(there.resource, resource("orders.v1.Order", &order.name));
    let trial = CreateOrderRequest { validate_only: true, ..request.clone() };
    assert_eq!(refusal(service.client().create_order(trial.clone()).await), there);

    // An id is not free again once its order is deleted.
    let delete = DeleteOrderRequest { name: order.name, ..DeleteOrderRequest::default() };
    ok(service.client().delete_order(delete).await);
    assert_eq!(refusal(service.client().create_order(trial).await), there);
    refusal(service.client().create_order(request).await)
}

pub(super) async fn external_reference_taken() -> Refusal {
    let service = Service::start().await;
    let with_reference = |source: &str, id: &str| {
        let reference = ExternalReference { source: source.to_owned(), id: id.to_owned() };
        create(Order { external_reference: Some(reference), ..draft() })
    };
    let first = ok(service.client().create_order(with_reference("shop", "1")).await);
    ok(service.client().create_order(with_reference("shop", "2")).await);
    ok(service.client().create_order(with_reference("till", "1")).await);
    let refused = refusal(service.client().create_order(with_reference("shop", "1")).await);
    assert_eq!(refused.resource.as_ref().unwrap().0, "orders.v1.ExternalReference");
    let trial = CreateOrderRequest { validate_only: true, ..with_reference("shop", "1") };
    assert_eq!(refusal(service.client().create_order(trial).await), refused);

    // The reference of a deleted draft is free again.
    ok(service.client().delete_order(DeleteOrderRequest { name: first.name, ..Default::default() }).await);
    ok(service.client().create_order(with_reference("shop", "1")).await);
    refused
}
