//! CreateShipment, ShipShipment, DeliverShipment, FailShipment, CancelShipment.

use orders_proto::orders::v1::{
    CancelShipmentRequest, CreateShipmentRequest, DeliverShipmentRequest, FailShipmentRequest,
    FulfillmentState, Order, OrderState, ShipShipmentRequest, ShipmentFailureReason, ShipmentState,
};
use prost_types::Timestamp;

use super::follows;
use crate::support::{Service, draft, ok, ship, shipment};

fn deliver(order: &Order, shipment_id: u32) -> DeliverShipmentRequest {
    DeliverShipmentRequest { name: order.name.clone(), shipment_id, ..DeliverShipmentRequest::default() }
}

fn fail(order: &Order, shipment_id: u32) -> FailShipmentRequest {
    FailShipmentRequest {
        name: order.name.clone(),
        shipment_id,
        reason: ShipmentFailureReason::Lost.into(),
        note: "fell off\nthe boat".to_owned(),
        ..FailShipmentRequest::default()
    }
}

/// Units of the first line: in shipments, shipped, delivered, open.
fn units(order: &Order) -> [i32; 4] {
    let quantities = order.lines[0].quantities.unwrap();
    [quantities.in_shipment, quantities.shipped, quantities.delivered, quantities.open]
}

#[tokio::test]
async fn units_go_out_in_parts_and_arrive() {
    let service = Service::start().await;
    let mut client = service.client();
    let confirmed = service.confirmed(draft()).await;
    let request = CreateShipmentRequest {
        carrier: "Royal Mail".to_owned(),
        tracking_number: "RM-1".to_owned(),
        ..shipment(&confirmed, &[(1, 1)])
    };
    let packed = ok(client.create_shipment(request).await);
    follows(&confirmed, &packed);
    let first = &packed.shipments[0];
    assert_eq!(
        (first.shipment_id, first.state(), first.create_time),
        (1, ShipmentState::Pending, packed.update_time)
    );
    assert_eq!((first.carrier.as_str(), first.tracking_number.as_str()), ("Royal Mail", "RM-1"));
    assert_eq!((first.items[0].line_id, first.items[0].quantity), (1, 1));
    assert_eq!(units(&packed), [1, 0, 0, 1]);
    assert_eq!(packed.fulfillment_state(), FulfillmentState::Unfulfilled);

    let packed = ok(client.create_shipment(shipment(&packed, &[(1, 1), (2, 1)])).await);
    assert_eq!((packed.shipments[1].shipment_id, units(&packed)), (2, [2, 0, 0, 0]));

    let left = Timestamp { seconds: 1_700_000_000, nanos: 123_456_789 };
    let request = ShipShipmentRequest { ship_time: Some(left), ..ship(&packed, 1) };
    let shipped = ok(client.ship_shipment(request).await);
    follows(&packed, &shipped);
    let first = &shipped.shipments[0];
    assert_eq!(first.state(), ShipmentState::Shipped);
    assert_eq!(first.ship_time, Some(Timestamp { nanos: 123_456_000, ..left }), "to the microsecond");
    assert_eq!(
        (first.carrier.as_str(), first.tracking_number.as_str()),
        ("Royal Mail", "RM-1"),
        "as it was created"
    );
    assert_eq!(
        (units(&shipped), shipped.fulfillment_state()),
        ([2, 1, 0, 0], FulfillmentState::PartiallyShipped)
    );

    let request = ShipShipmentRequest {
        carrier: "Courier".to_owned(),
        tracking_number: "C-2".to_owned(),
        ..ship(&shipped, 2)
    };
    let shipped = ok(client.ship_shipment(request).await);
    let second = &shipped.shipments[1];
    assert_eq!((second.carrier.as_str(), second.tracking_number.as_str()), ("Courier", "C-2"));
    assert_eq!(
        (second.ship_time, shipped.fulfillment_state()),
        (shipped.update_time, FulfillmentState::Shipped)
    );

    let delivered = ok(client.deliver_shipment(deliver(&shipped, 2)).await);
    follows(&shipped, &delivered);
    let second = &delivered.shipments[1];
    assert_eq!((second.state(), second.deliver_time), (ShipmentState::Delivered, delivered.update_time));
    assert_eq!(
        (units(&delivered), delivered.fulfillment_state()),
        ([2, 2, 1, 0], FulfillmentState::PartiallyDelivered)
    );

    let arrived = Some(Timestamp { seconds: 1_700_086_400, nanos: 0 });
    let request = DeliverShipmentRequest { deliver_time: arrived, ..deliver(&delivered, 1) };
    let delivered = ok(client.deliver_shipment(request).await);
    assert_eq!(delivered.shipments[0].deliver_time, arrived);
    assert_eq!(
        (units(&delivered), delivered.fulfillment_state()),
        ([2, 2, 2, 0], FulfillmentState::Delivered)
    );
}

#[tokio::test]
async fn a_cancelled_shipment_opens_its_units_again() {
    let service = Service::start().await;
    let packed = service.packed().await;
    let request = CancelShipmentRequest {
        name: packed.name.clone(),
        shipment_id: 1,
        note: "the wrong box".to_owned(),
        ..CancelShipmentRequest::default()
    };
    let cancelled = ok(service.client().cancel_shipment(request).await);
    follows(&packed, &cancelled);
    let shipment = &cancelled.shipments[0];
    assert_eq!((shipment.state(), shipment.end_time), (ShipmentState::Cancelled, cancelled.update_time));
    assert_eq!(shipment.note, "the wrong box");
    assert_eq!(units(&cancelled), [0, 0, 0, 2]);
    let again = ok(service.client().create_shipment(crate::support::shipment(&cancelled, &[(1, 2)])).await);
    assert_eq!(again.shipments[1].shipment_id, 2, "numbers are never used again");
}

#[tokio::test]
async fn a_failed_shipment_opens_its_units_again() {
    let service = Service::start().await;
    let shipped = service.shipped().await;
    let failed = ok(service.client().fail_shipment(fail(&shipped, 1)).await);
    follows(&shipped, &failed);
    let shipment = &failed.shipments[0];
    assert_eq!((shipment.state(), shipment.end_time), (ShipmentState::Failed, failed.update_time));
    assert_eq!(
        (shipment.failure_reason(), shipment.note.as_str()),
        (ShipmentFailureReason::Lost, "fell off\nthe boat")
    );
    assert_eq!((units(&failed), failed.fulfillment_state()), ([0, 0, 0, 2], FulfillmentState::Unfulfilled));
}

#[tokio::test]
async fn a_failed_shipment_reopens_a_completed_order() {
    let service = Service::start().await;
    let completed = service.completed().await;
    let reopened = ok(service.client().fail_shipment(fail(&completed, 1)).await);
    follows(&completed, &reopened);
    assert_eq!((reopened.state(), reopened.complete_time), (OrderState::Confirmed, None));

    let completed = service.completed().await;
    let delivered = ok(service.client().deliver_shipment(deliver(&completed, 1)).await);
    assert_eq!(delivered.state(), OrderState::Completed);
    assert_eq!(delivered.fulfillment_state(), FulfillmentState::Delivered);
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let (confirmed, packed, shipped) =
        (service.confirmed(draft()).await, service.packed().await, service.shipped().await);
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let mut client = service.client();
    let state = |order: Order| order.shipments.last().unwrap().state();
    let request = CreateShipmentRequest { validate_only: true, ..shipment(&confirmed, &[(1, 1)]) };
    assert_eq!(state(ok(client.create_shipment(request).await)), ShipmentState::Pending);
    let request = ShipShipmentRequest { validate_only: true, ..ship(&packed, 1) };
    assert_eq!(state(ok(client.ship_shipment(request).await)), ShipmentState::Shipped);
    let request = CancelShipmentRequest {
        name: packed.name.clone(),
        shipment_id: 1,
        validate_only: true,
        ..CancelShipmentRequest::default()
    };
    assert_eq!(state(ok(client.cancel_shipment(request).await)), ShipmentState::Cancelled);
    let request = DeliverShipmentRequest { validate_only: true, ..deliver(&shipped, 1) };
    assert_eq!(state(ok(client.deliver_shipment(request).await)), ShipmentState::Delivered);
    let request = FailShipmentRequest { validate_only: true, ..fail(&shipped, 1) };
    assert_eq!(state(ok(client.fail_shipment(request).await)), ShipmentState::Failed);
    assert_eq!(sql.fingerprint().await, before);
}
