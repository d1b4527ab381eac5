//! A command that breaks several rules is told all of them.

use orders_proto::orders::v1::{
    AmendOrderRequest, CompleteOrderRequest, Order, PlaceOrderRequest, RemoveLine, SetLineQuantity,
    order_change::Change,
};
use tonic::Code;

use crate::support::{
    Service, address, amend, cancel, draft, eur, line, money, ok, place, refusal, ship, shipment,
};

#[tokio::test]
async fn all_that_a_placement_lacks() {
    let service = Service::start().await;
    let bare = service.created(Order { contact: None, shipping_address: None, ..draft() }).await;
    let request = PlaceOrderRequest { expected_total: Some(eur(1)), ..place(&bare) };
    let refused = refusal(service.client().place_order(request).await);
    assert_eq!(refused.code, Code::FailedPrecondition);
    assert_eq!(refused.reason, "CONTACT_REQUIRED", "the first");
    assert_eq!(refused.broken(), ["CONTACT_REQUIRED", "ADDRESS_REQUIRED", "TOTAL_MISMATCH"]);

    let empty = service.created(Order { currency_code: "EUR".to_owned(), ..Order::default() }).await;
    let refused = refusal(service.client().place_order(place(&empty)).await);
    assert_eq!(refused.broken(), ["ORDER_EMPTY", "CONTACT_REQUIRED"]);
}

#[tokio::test]
async fn state_and_hold_and_quantities() {
    let service = Service::start().await;
    let held = service.on_hold(&service.placed(draft()).await, "wait").await;
    let refused = refusal(service.client().create_shipment(shipment(&held, &[(1, 3), (2, 2)])).await);
    let rules =
        ["INVALID_STATE_TRANSITION", "ORDER_ON_HOLD", "QUANTITY_EXCEEDS_OPEN", "QUANTITY_EXCEEDS_OPEN"];
    assert_eq!(refused.broken(), rules);
    let subjects: Vec<_> = refused.preconditions.iter().map(|(_, subject)| subject.as_str()).collect();
    assert_eq!(subjects, ["order", "order", "lines/1", "lines/2"]);
    assert_eq!(refused.told("command"), "CreateShipment", "the metadata are those of the first");
}

#[tokio::test]
async fn open_items_and_open_money() {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    let request = CompleteOrderRequest { name: confirmed.name.clone(), ..CompleteOrderRequest::default() };
    assert_eq!(
        refusal(service.client().complete_order(request).await).broken(),
        ["ITEMS_OPEN", "PAYMENT_OUTSTANDING"]
    );
}

#[tokio::test]
async fn shipped_and_pending() {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    ok(service.client().create_shipment(shipment(&confirmed, &[(1, 1)])).await);
    ok(service.client().create_shipment(shipment(&confirmed, &[(1, 1)])).await);
    ok(service.client().ship_shipment(ship(&confirmed, 1)).await);
    let refused = refusal(service.client().cancel_order(cancel(&confirmed, &[])).await);
    assert_eq!(refused.broken(), ["ORDER_HAS_SHIPPED_ITEMS", "ORDER_HAS_ACTIVE_SHIPMENTS"]);
}

/// An amendment that goes wrong in every way at once: bad arguments are graver than missing things, and those than the rest.
#[tokio::test]
async fn the_gravest_gives_the_status_and_none_is_left_out() {
    let service = Service::start().await;
    let shipped = service.shipped().await;
    let quantity =
        |line_id, quantity| Change::SetQuantity(SetLineQuantity { line_id, quantity, tax_amount: None });
    let mut dollars = line("PEN", 1, 1_00);
    dollars.unit_price = Some(money("USD", 1, 0));
    let changes = vec![
        quantity(1, 1),
        quantity(8, 1),
        Change::RemoveLine(RemoveLine { line_id: 2 }),
        Change::RemoveLine(RemoveLine { line_id: 9 }),
        Change::SetShippingAddress(address()),
        Change::AddLine(dollars),
    ];
    let fine = AmendOrderRequest { changes: vec![], ..amend(&shipped, vec![]) };
    let send = async |changes: Vec<Change>| {
        let request = AmendOrderRequest { changes: amend(&shipped, changes).changes, ..fine.clone() };
        refusal(service.client().amend_order(request).await)
    };
    let all = send(changes.clone()).await;
    assert_eq!((all.code, all.reason.as_str()), (Code::InvalidArgument, "CURRENCY_MISMATCH"));
    assert_eq!(all.bad_fields(), ["currency_code"]);
    let rules = [
        "LINE_NOT_FOUND",
        "LINE_NOT_FOUND",
        "QUANTITY_BELOW_COMMITTED",
        "LINE_HAS_SHIPMENTS",
        "ADDRESS_LOCKED",
    ];
    assert_eq!(all.broken(), rules);

    let without_dollars = send(changes[..5].to_vec()).await;
    assert_eq!((without_dollars.code, without_dollars.reason.as_str()), (Code::NotFound, "LINE_NOT_FOUND"));
    assert_eq!(without_dollars.broken(), rules);
    assert_eq!(without_dollars.resource.unwrap().1, "lines/8", "the first that is missing");

    let nothing_missing = send(vec![changes[0].clone(), changes[2].clone(), changes[4].clone()]).await;
    assert_eq!((nothing_missing.code, nothing_missing.broken().len()), (Code::FailedPrecondition, 3));
    assert_eq!(service.sql().await.number("SELECT max(version) FROM orders").await, shipped.version);
}
