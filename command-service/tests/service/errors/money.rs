//! Refusals about money.

use orders_proto::orders::v1::{
    CompleteOrderRequest, Order, PlaceOrderRequest, RecordPaymentTransactionRequest, order_change::Change,
};

use crate::support::{
    Refusal, Service, amend, capture, create, discount, draft, eur, line, money, ok, place, refusal,
    surcharge,
};

pub(super) async fn currency_mismatch() -> Refusal {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let mut request = capture(&placed, "c-1", 1_00);
    request.transaction.as_mut().unwrap().amount = Some(money("USD", 1, 0));
    refusal(service.client().record_payment_transaction(request).await)
}

pub(super) async fn money_precision() -> Refusal {
    let service = Service::start().await;
    let mut order = draft();
    order.lines[1].unit_price = Some(money("EUR", 1, 5_000_000));
    let refusal = refusal(service.client().create_order(create(order)).await);
    assert_eq!(refusal.bad_fields(), ["order.lines[1].unit_price.nanos"]);
    refusal
}

pub(super) async fn money_out_of_range() -> Refusal {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let too_large = vec![
        vec![Change::AddAdjustment(discount(33_01))],
        vec![Change::AddLine(line("YACHT", 1_000_000, 1_000_000_000_000_000))],
    ];
    for changes in too_large {
        let refusal = refusal(service.client().amend_order(amend(&draft, changes)).await);
        assert_eq!(refusal.reason, "MONEY_OUT_OF_RANGE");
    }
    ok(service.client().amend_order(amend(&draft, vec![Change::AddAdjustment(discount(33_00))])).await);
    ok(service.client().amend_order(amend(&draft, vec![Change::AddAdjustment(surcharge(1, 1))])).await);
    let one_more = amend(&draft, vec![Change::AddAdjustment(discount(1))]);
    refusal(service.client().amend_order(one_more).await)
}

pub(super) async fn total_mismatch() -> Refusal {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let request = PlaceOrderRequest { expected_total: Some(eur(32_99)), ..place(&draft) };
    let refusal = refusal(service.client().place_order(request).await);
    assert_eq!((refusal.told("expected"), refusal.told("actual")), ("32.99 EUR", "33.00 EUR"));
    refusal
}

pub(super) async fn payment_outstanding() -> Refusal {
    let service = Service::start().await;
    let shipped = service.shipped().await;
    ok(service.client().record_payment_transaction(capture(&shipped, "c-1", 32_99)).await);
    let request = CompleteOrderRequest { name: shipped.name.clone(), ..CompleteOrderRequest::default() };
    let refusal = refusal(service.client().complete_order(request.clone()).await);
    assert_eq!(refusal.told("balance"), "0.01 EUR");
    ok(service.client().record_payment_transaction(capture(&shipped, "c-2", 1)).await);
    ok(service.client().complete_order(request).await);
    refusal
}

pub(super) async fn too_many_payments() -> Refusal {
    let service = Service::start().await;
    let placed: Order = service.placed(draft()).await;
    let payment = |number: u32| RecordPaymentTransactionRequest {
        provider_reference: format!("receipt-{number}"),
        ..capture(&placed, &format!("c-{number}"), 1)
    };
    for number in 1..=50 {
        ok(service.client().record_payment_transaction(payment(number)).await);
    }
    // What is known already can still be reported.
    ok(service.client().record_payment_transaction(payment(50)).await);
    refusal(service.client().record_payment_transaction(payment(51)).await)
}
