//! The payment ledger: what is reported twice, out of order, too much, or not at all possible.

use shared_domain::{
    Currency, FailureMessage, MAX_PAYMENTS, MAX_TRANSACTIONS, MethodLabel, Payment, PaymentFailure,
    PaymentId, PaymentReport, PaymentSelector, PaymentState, PaymentTransaction, Provider, TransactionKind,
    TransactionState::{self, *},
    Violation,
};

use crate::{
    fixtures::{
        at, authorization, but, capture, code, eur, line, on, on_existing, provider_reference, refund,
        succeeded, units, usd,
    },
    story::{CANCEL, Command, Story},
};

fn story() -> Story {
    Story::placed(vec![line(100, 1)])
}

fn after(reports: impl IntoIterator<Item = PaymentReport>) -> Story {
    story().then_all(reports.into_iter().map(Command::Record))
}

fn payment(story: &Story) -> &Payment {
    let [payment] = &story.order().payments[..] else { panic!("one payment") };
    payment
}

fn transaction(story: &Story) -> &PaymentTransaction {
    let [transaction] = &payment(story).transactions[..] else { panic!("one transaction") };
    transaction
}

#[test]
fn amounts_are_above_zero_and_in_the_orders_currency() {
    let foreign = Violation::CurrencyMismatch { given: Currency::USD, order: Currency::EUR };
    let report = |amount| Command::Record(PaymentReport { amount, ..capture(1, "c-1") });
    story().refuses(report(usd(5)), [foreign.clone()]);
    let nothing = Violation::MoneyOutOfRange { what: "the amount of a transaction", rule: "above zero" };
    for amount in [0, -5] {
        story().refuses(report(eur(amount)), [nothing.clone()]);
    }
    let planned = |amount| {
        let mut report = capture(1, "c-1");
        if let PaymentSelector::AtProvider { planned_amount, .. } = &mut report.payment {
            *planned_amount = Some(amount);
        }
        Command::Record(report)
    };
    story().refuses(planned(usd(5)), [foreign]);
    let negative = Violation::MoneyOutOfRange { what: "the planned amount", rule: "not negative" };
    story().refuses(planned(eur(-1)), [negative]);
    assert_eq!(payment(&story().then(planned(eur(0)))).planned_amount, Some(eur(0)));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let foreign = Violation::CurrencyMismatch { given: Currency::USD, order: Currency::EUR };
    let nothing = Violation::MoneyOutOfRange { what: "the amount of a transaction", rule: "above zero" };
    let report = on_existing(4, PaymentReport { amount: usd(0), ..capture(1, "c-1") });
    story().refuses(Command::Record(report), [foreign, nothing, Violation::PaymentNotFound(PaymentId(4))]);
}

#[test]
fn a_payment_is_added_when_it_is_first_seen() {
    let story = after([authorization(100, "a-1"), capture(60, "c-1"), on_existing(1, capture(40, "c-2"))]);
    let ids: Vec<_> = payment(&story).transactions.iter().map(|transaction| transaction.id.0).collect();
    assert_eq!((payment(&story).id, ids), (PaymentId(1), vec![1, 2, 3]));
    let second = story.then(Command::Record(on("pay-2", capture(1, "c-3"))));
    let [_, added] = &second.order().payments[..] else { panic!("two payments") };
    assert_eq!((added.id, added.transactions[0].id.0), (PaymentId(2), 4), "numbered in the order");
    second.refuses(
        Command::Record(on_existing(3, capture(1, "c-4"))),
        [Violation::PaymentNotFound(PaymentId(3))],
    );
}

#[test]
fn a_payment_keeps_what_it_was_added_with() {
    let provider = Provider::new("till").unwrap();
    let method_label = Some(MethodLabel::new("Cash").unwrap());
    let (reference, planned_amount) = (provider_reference("bon-9"), Some(eur(100)));
    let selector = PaymentSelector::AtProvider { provider, reference, method_label, planned_amount };
    let occur_time = Some(at(-5));
    let story = after([PaymentReport { payment: selector, occur_time, ..capture(100, "c-1") }]);
    let payment = payment(&story);
    assert_eq!(payment.provider.as_str(), "till");
    assert_eq!(payment.provider_reference.as_str(), "bon-9");
    assert_eq!(payment.method_label.as_ref().map(MethodLabel::as_str), Some("Cash"));
    assert_eq!(payment.planned_amount, Some(eur(100)));
    assert_eq!(transaction(&story).occur_time, at(-5));
    let told_nothing = after([capture(1, "c-1")]);
    assert_eq!(transaction(&told_nothing).occur_time, told_nothing.order().times.update);
}

#[test]
fn a_report_seen_before_changes_nothing() {
    let once = after([capture(60, "c-1")]);
    let twice = [
        capture(60, "c-1"),
        capture(99, "c-1"),
        on("pay-2", capture(60, "c-1")),
        but(Failed, capture(60, "c-1")),
    ];
    for report in twice {
        let again = once.clone().then(Command::Record(report));
        assert_eq!(again.order(), once.order());
    }
}

#[test]
fn seen_means_provider_reference_and_kind() {
    let mut elsewhere = capture(60, "x");
    if let PaymentSelector::AtProvider { provider, .. } = &mut elsewhere.payment {
        *provider = Provider::new("other").unwrap();
    }
    let others = [authorization(60, "x"), capture(60, "y"), elsewhere];
    for report in others {
        let story = after([capture(60, "x")]).then(Command::Record(report));
        assert_eq!(story.order().version, 4, "another transaction");
    }
}

#[test]
fn reports_carry_a_transaction_further_but_never_back() {
    let states = [Pending, Unknown, Succeeded, Failed];
    let further = |from, to| match from {
        Pending => to != Pending,
        Unknown => to == Succeeded || to == Failed,
        Succeeded | Failed => false,
    };
    for (from, to) in states.into_iter().flat_map(|from| states.map(|to| (from, to))) {
        let story = after([but(from, capture(50, "c-1")), but(to, capture(40, "c-1"))]);
        let expected: (TransactionState, _) = if further(from, to) { (to, eur(40)) } else { (from, eur(50)) };
        let recorded = transaction(&story);
        assert_eq!((recorded.state, recorded.amount), expected, "{from:?} then {to:?}");
        let commits = if further(from, to) { 4 } else { 3 };
        assert_eq!(story.order().version, commits, "{from:?} then {to:?}");
    }
}

#[test]
fn a_failure_is_known_as_long_as_it_lasts() {
    let failure = |code_: &str| {
        let message = Some(FailureMessage::new("try again").unwrap());
        Some(PaymentFailure { code: code(code_), message, retryable: true })
    };
    let failing = |state, code| PaymentReport { state, failure: failure(code), ..capture(50, "c-1") };
    let unknown = after([failing(Unknown, "timeout")]);
    assert_eq!(transaction(&unknown).failure, failure("timeout"));
    let failed = unknown.clone().then(Command::Record(failing(Failed, "declined")));
    assert_eq!(transaction(&failed).failure, failure("declined"));
    let succeeded = unknown.then(Command::Record(capture(50, "c-1")));
    assert_eq!(transaction(&succeeded).failure, None);
}

fn flags(reports: impl IntoIterator<Item = PaymentReport>) -> Vec<bool> {
    let story = after(reports);
    let transactions = story.order().payments.iter().flat_map(|payment| &payment.transactions);
    transactions.map(|transaction| transaction.exceeds_expected).collect()
}

#[test]
fn captures_over_the_authorization_are_recorded_and_flagged() {
    assert_eq!(flags([authorization(50, "a"), capture(30, "b"), capture(20, "c")]), [false; 3]);
    assert_eq!(flags([authorization(50, "a"), capture(30, "b"), capture(21, "c")]), [false, false, true]);
    assert_eq!(flags([capture(500, "b")]), [false], "nothing was authorized");
    assert_eq!(flags([but(Failed, authorization(50, "a")), capture(60, "b")]), [false; 2]);
    assert_eq!(
        flags([authorization(50, "a"), but(Failed, capture(60, "b"))]),
        [false; 2],
        "nothing was taken"
    );
    let elsewhere = on("pay-2", capture(60, "b"));
    assert_eq!(flags([authorization(50, "a"), elsewhere]), [false; 2], "payments stand alone");
}

#[test]
fn more_given_back_than_taken_is_recorded_and_flagged() {
    assert_eq!(flags([capture(50, "a"), refund(50, "b")]), [false; 2]);
    let chargeback = succeeded(TransactionKind::Chargeback, 1, "c");
    assert_eq!(flags([capture(50, "a"), refund(50, "b"), chargeback]), [false, false, true]);
    assert_eq!(flags([refund(1, "b")]), [true]);
    let void = succeeded(TransactionKind::Void, 99, "c");
    assert_eq!(flags([authorization(500, "a"), void]), [false; 2]);
}

#[test]
fn a_flag_follows_what_is_learnt_later() {
    let pending = || [authorization(50, "a"), but(Pending, capture(60, "b"))];
    assert_eq!(flags(pending()), [false, true]);
    assert_eq!(flags(pending().into_iter().chain([capture(50, "b")])), [false, false]);
    assert_eq!(flags(pending().into_iter().chain([but(Failed, capture(60, "b"))])), [false, false]);
    let known_elsewhere = on("pay-2", capture(60, "b"));
    assert_eq!(flags(pending().into_iter().chain([known_elsewhere])), [false, true], "by its own payment");
}

#[test]
fn the_number_of_payments_is_limited() {
    assert_eq!(MAX_PAYMENTS, 50);
    let paid = |n| Command::Record(on(&format!("pay-{n}"), capture(1, &format!("c-{n}"))));
    let full = story().then_all((1..=50).map(paid));
    full.refuses(paid(51), [Violation::TooManyPayments]);
    full.then(Command::Record(on("pay-1", capture(1, "more")))).then(paid(7));
}

#[test]
fn the_number_of_transactions_is_limited() {
    assert_eq!(MAX_TRANSACTIONS, 100);
    let report = |n| Command::Record(but(Pending, capture(1, &format!("c-{n}"))));
    let full = story().then_all((1..=100).map(report));
    full.refuses(report(101), [Violation::TooManyPayments]);
    full.then(Command::Record(capture(1, "c-1"))).then(Command::Record(on("pay-2", capture(1, "c-101"))));
}

#[test]
fn the_payment_state_follows_the_ledger() {
    use PaymentState::*;
    let void = |minor| succeeded(TransactionKind::Void, minor, "v");
    let chargeback = |minor| succeeded(TransactionKind::Chargeback, minor, "k");
    let cases = [
        (vec![], Unpaid),
        (vec![but(Pending, capture(100, "c"))], Unpaid),
        (vec![authorization(99, "a")], PartiallyAuthorized),
        (vec![authorization(60, "a"), on("pay-2", authorization(40, "b"))], Authorized),
        (vec![authorization(100, "a"), void(1)], PartiallyAuthorized),
        (vec![authorization(100, "a"), void(100)], Unpaid),
        (vec![authorization(50, "a"), void(60), on("pay-2", authorization(60, "b"))], PartiallyAuthorized),
        (vec![authorization(100, "a"), capture(40, "c")], PartiallyPaid),
        (vec![capture(100, "c")], Paid),
        (vec![capture(101, "c")], Overpaid),
        (vec![capture(120, "c"), refund(20, "r")], PartiallyRefunded),
        (vec![capture(100, "c"), refund(1, "r")], PartiallyPaid),
        (vec![capture(100, "c"), chargeback(100)], Refunded),
        (vec![capture(100, "c"), refund(100, "r"), chargeback(100)], Unpaid),
    ];
    for (reports, state) in cases {
        let told = format!("{reports:?}");
        assert_eq!(after(reports).order().payment_state(), state, "{told}");
    }
    assert_eq!(Story::placed(vec![line(0, 1)]).order().payment_state(), NotRequired);
}

#[test]
fn what_is_reported_late_is_recorded_too() {
    let cancelled = story().then(CANCEL).then(Command::Record(capture(100, "c-1")));
    assert_eq!(cancelled.order().balance(), eur(-100));
    let draft = Story::draft(vec![line(1, 1)]).then(Command::Record(authorization(1, "a-1")));
    assert_eq!(draft.order().payment_state(), PaymentState::Authorized);
}

#[test]
fn cancelled_units_are_paid_for_no_more() {
    let story = Story::placed(vec![line(10, 3)]).then(Command::Record(capture(20, "c")));
    assert_eq!(
        (story.order().payment_state(), story.order().balance()),
        (PaymentState::PartiallyPaid, eur(10))
    );
    let fewer = story.then(Command::CancelLines(vec![units(1, 1)]));
    assert_eq!((fewer.order().payment_state(), fewer.order().balance()), (PaymentState::Paid, eur(0)));
}
