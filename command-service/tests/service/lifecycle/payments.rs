//! RecordPaymentTransaction.

use orders_proto::orders::v1::{
    Order, PaymentFailure, PaymentState, PaymentTransactionKind as Kind, PaymentTransactionState as State,
    RecordPaymentTransactionRequest, ReportedTransaction,
};
use prost_types::Timestamp;

use super::follows;
use crate::support::{Service, cancel, capture, draft, eur, metadata, ok, published};

/// A report on the card payment `pi-1`.
fn report(
    order: &Order,
    kind: Kind,
    state: State,
    reference: &str,
    cents: i64,
) -> RecordPaymentTransactionRequest {
    let failed = state == State::Failed;
    RecordPaymentTransactionRequest {
        provider: "stripe".to_owned(),
        provider_reference: "pi-1".to_owned(),
        transaction: Some(ReportedTransaction {
            kind: kind.into(),
            state: state.into(),
            amount: Some(eur(cents)),
            provider_reference: reference.to_owned(),
            failure: failed.then(|| PaymentFailure {
                code: "declined".to_owned(),
                message: "no money".to_owned(),
                retryable: true,
            }),
            occur_time: None,
        }),
        ..capture(order, reference, cents)
    }
}

async fn recorded(service: &Service, request: RecordPaymentTransactionRequest) -> Order {
    ok(service.client().record_payment_transaction(request).await)
}

#[tokio::test]
async fn a_payment_is_added_with_its_first_transaction() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let occurred = Some(Timestamp { seconds: 1_700_000_000, nanos: 0 });
    let mut request = RecordPaymentTransactionRequest {
        method_label: "Visa ending in 4242".to_owned(),
        planned_amount: Some(eur(33_00)),
        ..report(&placed, Kind::Authorization, State::Succeeded, "auth-1", 33_00)
    };
    request.transaction.as_mut().unwrap().occur_time = occurred;
    let order = recorded(&service, request).await;
    follows(&placed, &order);
    assert_eq!((order.payment_state(), order.balance.clone()), (PaymentState::Authorized, Some(eur(33_00))));
    let payment = &order.payments[0];
    assert_eq!((payment.payment_id, payment.provider.as_str()), (1, "stripe"));
    assert_eq!(
        (payment.provider_reference.as_str(), payment.method_label.as_str()),
        ("pi-1", "Visa ending in 4242")
    );
    assert_eq!(payment.planned_amount, Some(eur(33_00)));
    let transaction = &payment.transactions[0];
    assert_eq!((transaction.transaction_id, transaction.kind()), (1, Kind::Authorization));
    assert_eq!((transaction.state(), transaction.amount.clone()), (State::Succeeded, Some(eur(33_00))));
    assert_eq!((transaction.occur_time, transaction.create_time), (occurred, order.update_time));
    assert_eq!((transaction.update_time, transaction.exceeds_expected), (order.update_time, false));

    let by_id = RecordPaymentTransactionRequest {
        payment_id: 1,
        provider: String::new(),
        provider_reference: String::new(),
        ..report(&order, Kind::Capture, State::Succeeded, "cap-1", 33_00)
    };
    let paid = recorded(&service, by_id).await;
    assert_eq!((paid.payment_state(), paid.payments.len()), (PaymentState::Paid, 1));
    assert_eq!(paid.balance, Some(eur(0)));
    assert_eq!(paid.payments[0].transactions[1].transaction_id, 2);
}

#[tokio::test]
async fn the_payment_state_follows_the_ledger() {
    let service = Service::start().await;
    let mut order = service.placed(draft()).await;
    let steps = [
        (Kind::Authorization, State::Succeeded, 10_00, PaymentState::PartiallyAuthorized),
        (Kind::Authorization, State::Succeeded, 40_00, PaymentState::Authorized),
        (Kind::Void, State::Succeeded, 20_00, PaymentState::PartiallyAuthorized),
        (Kind::Capture, State::Failed, 33_00, PaymentState::PartiallyAuthorized),
        (Kind::Capture, State::Succeeded, 13_00, PaymentState::PartiallyPaid),
        (Kind::Capture, State::Succeeded, 20_00, PaymentState::Paid),
        (Kind::Capture, State::Succeeded, 7_00, PaymentState::Overpaid),
        (Kind::Refund, State::Succeeded, 7_00, PaymentState::PartiallyRefunded),
        (Kind::Chargeback, State::Succeeded, 33_00, PaymentState::Refunded),
    ];
    for (n, (kind, state, cents, expected)) in steps.into_iter().enumerate() {
        let after = recorded(&service, report(&order, kind, state, &format!("t-{n}"), cents)).await;
        follows(&order, &after);
        assert_eq!(after.payment_state(), expected, "step {n}");
        order = after;
    }
    let failure = order.payments[0].transactions[3].failure.clone().unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str(), failure.retryable),
        ("declined", "no money", true)
    );
}

#[tokio::test]
async fn a_report_seen_before_changes_nothing_unless_it_goes_further() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let pending = recorded(&service, report(&placed, Kind::Capture, State::Pending, "t", 33_00)).await;
    assert_eq!(pending.payment_state(), PaymentState::Unpaid);
    let unknown = recorded(&service, report(&placed, Kind::Capture, State::Unknown, "t", 33_00)).await;
    follows(&pending, &unknown);
    let mut last = report(&placed, Kind::Capture, State::Succeeded, "t", 33_00);
    let occurred = Some(Timestamp { seconds: 1_700_000_000, nanos: 0 });
    last.transaction.as_mut().unwrap().occur_time = occurred;
    let done = recorded(&service, last).await;
    follows(&unknown, &done);
    assert_eq!((done.payment_state(), done.payments[0].transactions.len()), (PaymentState::Paid, 1));
    let transaction = &done.payments[0].transactions[0];
    assert_eq!((transaction.create_time, transaction.update_time), (pending.update_time, done.update_time));
    assert_eq!(transaction.occur_time, occurred, "as reported last");

    for state in [State::Pending, State::Unknown, State::Succeeded, State::Failed] {
        let again = report(&placed, Kind::Capture, state, "t", 33_00);
        let response = service.client().record_payment_transaction(again).await.unwrap();
        assert_eq!(metadata(&response, "idempotent-replay"), None);
        assert_eq!(published(response.into_inner()), published(done.clone()), "{state:?}");
    }
    assert_eq!(service.sql().await.number("SELECT max(version) FROM order_history").await, done.version);
}

#[tokio::test]
async fn more_than_expected_is_recorded_and_flagged() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    recorded(&service, report(&placed, Kind::Authorization, State::Succeeded, "a", 10_00)).await;
    let order = recorded(&service, report(&placed, Kind::Capture, State::Succeeded, "c", 11_00)).await;
    assert!(order.payments[0].transactions[1].exceeds_expected);
    let order = recorded(&service, report(&placed, Kind::Refund, State::Succeeded, "r", 11_00)).await;
    assert!(!order.payments[0].transactions[2].exceeds_expected);
    let order = recorded(&service, report(&placed, Kind::Refund, State::Succeeded, "r2", 1)).await;
    assert!(order.payments[0].transactions[3].exceeds_expected);
}

#[tokio::test]
async fn money_is_recorded_in_every_state() {
    let service = Service::start().await;
    let draft = service.drafted().await;
    let cancelled = ok(service.client().cancel_order(cancel(&service.drafted().await, &[])).await);
    let completed = service.completed().await;
    for order in [draft, cancelled, completed, service.shipped().await] {
        let after = recorded(&service, capture(&order, "late", 1_00)).await;
        follows(&order, &after);
        assert_eq!(after.state, order.state);
    }
}

#[tokio::test]
async fn validate_only_changes_nothing() {
    let service = Service::start().await;
    let placed = service.placed(draft()).await;
    let sql = service.sql().await;
    let before = sql.fingerprint().await;
    let request = RecordPaymentTransactionRequest { validate_only: true, ..capture(&placed, "c", 33_00) };
    let tried = recorded(&service, request).await;
    assert_eq!((tried.payment_state(), tried.version), (PaymentState::Paid, placed.version + 1));
    assert_eq!(sql.fingerprint().await, before);
}
