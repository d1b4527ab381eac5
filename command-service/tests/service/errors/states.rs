//! Refusals about where an order is in its life.

use orders_proto::orders::v1::{
    Address, CompleteOrderRequest, DeleteOrderRequest, HoldOrderRequest, Order, ReleaseOrderRequest,
    RemoveLine, order_change::Change,
};

use crate::support::{
    Refusal, Service, address, amend, cancel, confirm, contact, draft, ok, place, refusal, ship, shipment,
    tagged,
};

pub(super) async fn invalid_state_transition() -> Refusal {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let refused = refusal(service.client().cancel_order(cancel(&service.completed().await, &[])).await);
    assert_eq!((refused.told("command"), refused.told("state")), ("CancelOrder", "COMPLETED"));
    assert_eq!(refused.told("allowed_states"), "DRAFT,PLACED,CONFIRMED");

    let placed = ok(service.client().place_order(place(&draft)).await);
    let delete = DeleteOrderRequest { name: placed.name.clone(), ..DeleteOrderRequest::default() };
    assert_eq!(refusal(service.client().delete_order(delete).await).told("allowed_states"), "DRAFT");
    let refused = refusal(service.client().place_order(place(&placed)).await);
    assert_eq!((refused.told("command"), refused.told("state")), ("PlaceOrder", "PLACED"));
    refused
}

pub(super) async fn order_empty() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let all = [1, 2].map(|line_id| Change::RemoveLine(RemoveLine { line_id }));
    assert_eq!(refusal(service.client().amend_order(amend(&placed, all.into())).await).reason, "ORDER_EMPTY");
    let empty = service.created(Order { lines: vec![], ..draft() }).await;
    refusal(service.client().place_order(place(&empty)).await)
}

pub(super) async fn contact_required() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let mut clear = tagged(&placed, &[]);
    clear.update_mask.as_mut().unwrap().paths = vec!["contact".to_owned()];
    let mut replace = clear.clone();
    replace.order.as_mut().unwrap().contact = Some(contact());
    ok(service.client().update_order(replace).await);
    assert_eq!(refusal(service.client().update_order(clear).await).reason, "CONTACT_REQUIRED");
    let nobody = service.created(Order { contact: None, ..draft() }).await;
    refusal(service.client().place_order(place(&nobody)).await)
}

pub(super) async fn address_required() -> Refusal {
    let service = Service::start().await;
    let nowhere = service.created(Order { shipping_address: None, ..draft() }).await;
    refusal(service.client().place_order(place(&nowhere)).await)
}

pub(super) async fn address_locked() -> Refusal {
    let service = Service::start().await;
    let packed = service.packed().await;
    let elsewhere = Address { locality: "Oxford".to_owned(), ..address() };
    let change = amend(&packed, vec![Change::SetShippingAddress(elsewhere)]);
    ok(service.client().amend_order(change.clone()).await);
    ok(service.client().ship_shipment(ship(&packed, 1)).await);
    refusal(service.client().amend_order(change).await)
}

pub(super) async fn order_on_hold() -> Refusal {
    let service = Service::start().await;
    let mut client = service.client();
    let confirmed = service.on_hold(&service.confirmed(draft()).await, "fraud check").await;
    let packed = service.on_hold(&service.packed().await, "fraud check").await;
    let placed = service.on_hold(&service.placed(draft()).await, "fraud check").await;
    let hold =
        HoldOrderRequest { name: placed.name.clone(), reason: "again".to_owned(), ..Default::default() };
    let refusals = [
        refusal(client.create_shipment(shipment(&confirmed, &[(1, 1)])).await),
        refusal(client.ship_shipment(ship(&packed, 1)).await),
        refusal(client.hold_order(hold).await),
    ];
    for refusal in refusals {
        assert_eq!((refusal.reason.as_str(), refusal.told("hold_reason")), ("ORDER_ON_HOLD", "fraud check"));
    }
    refusal(client.confirm_order(confirm(&placed)).await)
}

pub(super) async fn order_not_on_hold() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let release = ReleaseOrderRequest { name: placed.name, ..ReleaseOrderRequest::default() };
    refusal(service.client().release_order(release).await)
}

pub(super) async fn items_open() -> Refusal {
    let service = Service::start().await;
    let complete = |order: &Order| CompleteOrderRequest {
        name: order.name.clone(),
        payment_override_reason: "invoice".to_owned(),
        ..CompleteOrderRequest::default()
    };
    let packed = service.packed().await;
    let pending = refusal(service.client().complete_order(complete(&packed)).await);
    assert_eq!(pending.broken(), ["ITEMS_OPEN"]);
    let confirmed = service.confirmed(draft()).await;
    refusal(service.client().complete_order(complete(&confirmed)).await)
}
