//! Refusals about quantities and shipments.

use orders_proto::orders::v1::{
    CancelShipmentRequest, DeliverShipmentRequest, FailShipmentRequest, Order, RemoveLine, SetLineQuantity,
    ShipmentFailureReason, order_change::Change,
};

use crate::support::{Refusal, Service, amend, cancel, draft, line, ok, refusal, ship, shipment};

pub(super) async fn quantity_exceeds_open() -> Refusal {
    let service = Service::start().await;
    let mut order = draft();
    order.lines[1].requires_shipping = Some(false);
    let confirmed = service.confirmed(order).await;
    let never_shipped = refusal(service.client().create_shipment(shipment(&confirmed, &[(2, 1)])).await);
    assert_eq!((never_shipped.told("requested"), never_shipped.told("open")), ("1", "0"));
    let too_many = refusal(service.client().cancel_order(cancel(&confirmed, &[(1, 3)])).await);
    assert_eq!((too_many.told("requested"), too_many.told("open")), ("3", "2"));
    let refusal = refusal(service.client().create_shipment(shipment(&confirmed, &[(1, 3)])).await);
    assert_eq!(refusal.preconditions, [("QUANTITY_EXCEEDS_OPEN".to_owned(), "lines/1".to_owned())]);
    refusal
}

pub(super) async fn quantity_below_committed() -> Refusal {
    let service = Service::start().await;
    let confirmed = service.confirmed(Order { lines: vec![line("MUG", 5, 10)], ..draft() }).await;
    ok(service.client().create_shipment(shipment(&confirmed, &[(1, 2)])).await);
    ok(service.client().cancel_order(cancel(&confirmed, &[(1, 1)])).await);
    let set = |quantity| {
        let set = SetLineQuantity { line_id: 1, quantity, tax_amount: None };
        amend(&confirmed, vec![Change::SetQuantity(set)])
    };
    ok(service.client().amend_order(set(3)).await);
    let refusal = refusal(service.client().amend_order(set(2)).await);
    assert_eq!((refusal.told("requested"), refusal.told("committed")), ("2", "3"));
    refusal
}

pub(super) async fn line_has_shipments() -> Refusal {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    ok(service.client().create_shipment(shipment(&confirmed, &[(1, 1)])).await);
    let remove = |line_id| amend(&confirmed, vec![Change::RemoveLine(RemoveLine { line_id })]);
    ok(service.client().amend_order(remove(2)).await);
    refusal(service.client().amend_order(remove(1)).await)
}

pub(super) async fn order_has_shipped_items() -> Refusal {
    let service = Service::start().await;
    let shipped = service.shipped().await;
    refusal(service.client().cancel_order(cancel(&shipped, &[])).await)
}

pub(super) async fn order_has_active_shipments() -> Refusal {
    let service = Service::start().await;
    let packed = service.packed().await;
    refusal(service.client().cancel_order(cancel(&packed, &[])).await)
}

pub(super) async fn invalid_shipment_state() -> Refusal {
    let service = Service::start().await;
    let mut client = service.client();
    let shipped = service.shipped().await;
    let refused = refusal(client.ship_shipment(ship(&shipped, 1)).await);
    assert_eq!((refused.told("state"), refused.told("allowed_states")), ("SHIPPED", "PENDING"));
    assert_eq!(refused.preconditions[0].1, "shipments/1");
    let cancel = CancelShipmentRequest { name: shipped.name.clone(), shipment_id: 1, ..Default::default() };
    assert_eq!(refusal(client.cancel_shipment(cancel).await).told("state"), "SHIPPED");

    let packed = service.packed().await;
    let fail = FailShipmentRequest {
        name: packed.name.clone(),
        shipment_id: 1,
        reason: ShipmentFailureReason::Lost.into(),
        ..FailShipmentRequest::default()
    };
    assert_eq!(refusal(client.fail_shipment(fail).await).told("allowed_states"), "SHIPPED");
    let deliver = DeliverShipmentRequest { name: packed.name.clone(), shipment_id: 1, ..Default::default() };
    refusal(client.deliver_shipment(deliver).await)
}

pub(super) async fn too_many_shipments() -> Refusal {
    let service = Service::start().await;
    let confirmed = service.confirmed(Order { lines: vec![line("MUG", 101, 10)], ..draft() }).await;
    for _ in 0..100 {
        ok(service.client().create_shipment(shipment(&confirmed, &[(1, 1)])).await);
    }
    refusal(service.client().create_shipment(shipment(&confirmed, &[(1, 1)])).await)
}
