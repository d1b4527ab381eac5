//! CancelOrder.

use orders_proto::orders::v1::{
    CancelOrderRequest, CancelReason, FulfillmentState, Order, OrderState, PaymentState, ShipmentState,
};

use super::follows;
use crate::support::{Service, cancel, capture, draft, eur, full, ok, ship, shipment};

#[tokio::test]
async fn a_whole_order_in_every_state_that_allows_it() {
    let service = Service::start().await;
    let (draft, placed, confirmed) =
        (service.drafted().await, service.placed(full()).await, service.confirmed(draft()).await);
    for order in [draft, placed, confirmed] {
        let request = CancelOrderRequest {
            reason: CancelReason::OutOfStock.into(),
            note: "the kiln\nbroke".to_owned(),
            ..cancel(&order, &[])
        };
        let cancelled = ok(service.client().cancel_order(request).await);
        follows(&order, &cancelled);
        assert_eq!(
            (cancelled.state(), cancelled.cancel_time),
            (OrderState::Cancelled, cancelled.update_time)
        );
        let cancellation = cancelled.cancellation.clone().unwrap();
        assert_eq!(
            (cancellation.reason(), cancellation.note.as_str()),
            (CancelReason::OutOfStock, "the kiln\nbroke")
        );
        for line in &cancelled.lines {
            let quantities = line.quantities.unwrap();
            assert_eq!((quantities.cancelled, quantities.open), (quantities.ordered, 0));
        }
        assert_eq!(cancelled.totals.clone().unwrap().total, Some(eur(0)));
        assert_eq!(cancelled.payment_state(), PaymentState::NotRequired);
        assert_eq!(cancelled.fulfillment_state(), FulfillmentState::NotRequired);
    }
}

#[tokio::test]
async fn captured_money_stays_to_be_given_back() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let paid = ok(service.client().record_payment_transaction(capture(&placed, "c-1", 33_00)).await);
    let cancelled = ok(service.client().cancel_order(cancel(&paid, &[])).await);
    assert_eq!(cancelled.payment_state(), PaymentState::Overpaid);
    assert_eq!(cancelled.balance, Some(eur(-33_00)));
}

#[tokio::test]
async fn pending_shipments_are_cancelled_if_told_so() {
    let service = Service::start().await;
    let packed = service.packed().await;
    let request = CancelOrderRequest { cancel_pending_shipments: true, ..cancel(&packed, &[]) };
    let cancelled = ok(service.client().cancel_order(request).await);
    follows(&packed, &cancelled);
    assert_eq!(cancelled.state(), OrderState::Cancelled);
    let shipment = &cancelled.shipments[0];
    assert_eq!((shipment.state(), shipment.end_time), (ShipmentState::Cancelled, cancelled.update_time));
    assert_eq!(cancelled.lines[0].quantities.unwrap().in_shipment, 0);
}

#[tokio::test]
async fn units_of_lines() {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    let fewer = ok(service.client().cancel_order(cancel(&confirmed, &[(1, 1)])).await);
    follows(&confirmed, &fewer);
    let quantities = fewer.lines[0].quantities.unwrap();
    assert_eq!((quantities.ordered, quantities.cancelled, quantities.open), (2, 1, 1));
    assert_eq!((fewer.lines[0].quantity, fewer.state()), (2, OrderState::Confirmed));
    assert_eq!(fewer.totals.clone().unwrap().total, Some(eur(20_50)));
    assert_eq!(fewer.cancellation, None);

    let last = ok(service.client().cancel_order(cancel(&fewer, &[(1, 1), (2, 1)])).await);
    follows(&fewer, &last);
    assert_eq!(last.state(), OrderState::Cancelled, "nothing is left");
    assert_eq!(last.cancellation.unwrap().reason(), CancelReason::CustomerRequest);
}

#[tokio::test]
async fn cancelling_the_last_open_units_completes_what_is_shipped_and_paid() {
    let service = Service::start().await;
    let confirmed = service.confirmed(draft()).await;
    let packed = ok(service.client().create_shipment(shipment(&confirmed, &[(1, 2)])).await);
    let shipped = ok(service.client().ship_shipment(ship(&packed, 1)).await);
    assert_eq!(shipped.fulfillment_state(), FulfillmentState::PartiallyShipped);
    ok(service.client().record_payment_transaction(capture(&shipped, "c-1", 25_00)).await);
    let completed = ok(service.client().cancel_order(cancel(&shipped, &[(2, 1)])).await);
    assert_eq!((completed.state(), completed.payment_state()), (OrderState::Completed, PaymentState::Paid));
    assert_eq!(completed.fulfillment_state(), FulfillmentState::Shipped);
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let packed = service.packed().await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let request =
        CancelOrderRequest { cancel_pending_shipments: true, validate_only: true, ..cancel(&packed, &[]) };
    let tried: Order = ok(service.client().cancel_order(request).await);
    assert_eq!((tried.state(), tried.version), (OrderState::Cancelled, packed.version + 1));
    assert_eq!(sql.fingerprint().await, before);
}
