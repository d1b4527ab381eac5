//! How an order ends: completed, or cancelled as a whole or line by line.

use shared_domain::{
    CancelNote, CancelReason, Cancellation, CommandKind, Event, LineId, NewOrder, OrderState, PaymentState,
    ShipmentState, Violation,
};

use crate::{
    fixtures::{at, capture, digital, discount, eur, line, order_of, refund, shipping, units},
    story::{CANCEL, COMPLETE, Command, PLACE, Story},
};

fn create(line: u32, n: u32) -> Command {
    Command::CreateShipment(vec![units(line, n)])
}

fn cancel_lines(line: u32, n: u32) -> Command {
    Command::CancelLines(vec![units(line, n)])
}

const WITH_SHIPMENTS: Command = Command::Cancel { cancel_pending_shipments: true };

#[test]
fn completing_needs_all_sent_and_all_paid() {
    let story = Story::confirmed(vec![line(10, 3), digital(5, 1)]);
    let outstanding = |minor| Violation::PaymentOutstanding { balance: eur(minor) };
    story.refuses(COMPLETE, [Violation::ItemsOpen { open: 3, pending: 0 }, outstanding(35)]);
    let packed = story.then(create(1, 2)).then(create(1, 1));
    packed.refuses(COMPLETE, [Violation::ItemsOpen { open: 0, pending: 2 }, outstanding(35)]);
    let shipped = packed.then(Command::Ship(1)).then(Command::Ship(2));
    let nearly = shipped.clone().then(Command::Record(capture(34, "c-1")));
    nearly.refuses(COMPLETE, [outstanding(1)]);
    assert_eq!(
        nearly.then(Command::Record(capture(1, "c-2"))).then(COMPLETE).order().state,
        OrderState::Completed
    );
    let overridden = shipped.then(Command::Complete { payment_override: true });
    assert_eq!(overridden.order().state, OrderState::Completed, "on account");
}

#[test]
fn an_override_does_not_send_anything() {
    let open = Violation::ItemsOpen { open: 3, pending: 0 };
    Story::confirmed(vec![line(10, 3)]).refuses(Command::Complete { payment_override: true }, [open]);
}

#[test]
fn what_has_shipped_is_not_cancelled() {
    let shipped = Story::confirmed(vec![line(10, 3)]).then(create(1, 1)).then(Command::Ship(1));
    shipped.refuses(WITH_SHIPMENTS, [Violation::OrderHasShippedItems]);
    let both = shipped.clone().then(create(1, 1));
    let pending = Violation::OrderHasActiveShipments { pending: 1 };
    both.refuses(CANCEL, [Violation::OrderHasShippedItems, pending]);
    shipped.clone().then(Command::Deliver(1)).refuses(CANCEL, [Violation::OrderHasShippedItems]);
    shipped.then(Command::Fail(1)).then(CANCEL);
}

#[test]
fn pending_shipments_are_cancelled_only_if_told_so() {
    let packed = Story::confirmed(vec![line(10, 3), digital(5, 1)]).then(create(1, 1)).then(create(1, 1));
    packed.refuses(CANCEL, [Violation::OrderHasActiveShipments { pending: 2 }]);
    let cancelled = packed.then(WITH_SHIPMENTS);
    assert!(cancelled.order().shipments.iter().all(|shipment| shipment.state == ShipmentState::Cancelled));
    assert!(cancelled.order().lines.iter().all(|line| line.cancelled == line.ordered));
    assert_eq!((cancelled.order().version, cancelled.last_events().len()), (6, 3), "in one commit");
}

#[test]
fn captured_money_does_not_block_a_cancellation() {
    let cancelled =
        Story::confirmed(vec![line(10, 3)]).then(Command::Record(capture(30, "c-1"))).then(CANCEL);
    assert_eq!(cancelled.order().totals().total, eur(0));
    assert_eq!(cancelled.order().balance(), eur(-30));
    assert_eq!(cancelled.order().payment_state(), PaymentState::Overpaid);
    let settled = cancelled.then(Command::Record(refund(30, "r-1")));
    assert_eq!(settled.order().payment_state(), PaymentState::Refunded);
}

#[test]
fn a_cancellation_says_why() {
    let note = CancelNote::new("changed their mind").unwrap();
    let mut story = Story::placed(vec![line(10, 1)]);
    let (reason, given) = (CancelReason::Duplicate, Some(note.clone()));
    story.run_verb(CommandKind::CancelOrder, |o| o.cancel(reason, given, false, at(9))).unwrap();
    assert_eq!(story.order().cancellation, Some(Cancellation { reason, note: Some(note) }));
    assert_eq!(story.order().times.cancel, Some(at(9)));
}

#[test]
fn only_open_units_are_cancelled() {
    let exceeds =
        |line, requested, open| Violation::QuantityExceedsOpen { line: LineId(line), requested, open };
    let story = Story::confirmed(vec![line(10, 3), digital(5, 2)]).then(create(1, 1));
    story.refuses(cancel_lines(1, 3), [exceeds(1, 3, 2)]);
    let items = vec![units(1, 9), units(2, 3), units(7, 1)];
    let all = [Violation::LineNotFound(LineId(7)), exceeds(1, 9, 2), exceeds(2, 3, 2)];
    story.refuses(Command::CancelLines(items), all);
    let cancelled = story.then(Command::CancelLines(vec![units(1, 2), units(2, 1)]));
    assert_eq!(cancelled.order().totals().total, eur(15));
}

#[test]
fn what_is_said_of_a_line_twice_is_added_up() {
    let story = Story::placed(vec![line(10, 5)]);
    let exceeds = Violation::QuantityExceedsOpen { line: LineId(1), requested: 6, open: 5 };
    story.refuses(Command::CancelLines(vec![units(1, 3), units(1, 3)]), [exceeds]);
    let cancelled = story.clone().then(Command::CancelLines(vec![units(1, 3), units(1, 1)]));
    assert_eq!(cancelled.order().lines[0].cancelled, 4);
    assert_eq!(story.then(Command::CancelLines(vec![])).order().version, 2, "nothing to cancel");
}

#[test]
fn the_discounts_of_a_draft_have_to_fit_what_is_left() {
    let too_large = Violation::MoneyOutOfRange {
        what: "the discount of the order",
        rule: "a discount cannot exceed what it applies to",
    };
    let draft = Story::create(NewOrder { adjustments: vec![discount(15)], ..order_of(vec![line(10, 3)]) });
    draft.refuses(cancel_lines(1, 2), [too_large]);
    assert_eq!(draft.clone().then(cancel_lines(1, 1)).order().totals().total, eur(5));
    assert_eq!(
        draft.then(PLACE).then(cancel_lines(1, 2)).order().totals().total,
        eur(5),
        "its share is gone"
    );
}

#[test]
fn with_its_last_unit_an_order_is_cancelled() {
    let new = NewOrder { shipping_lines: vec![shipping(4, 1)], ..order_of(vec![line(10, 2), digital(5, 1)]) };
    let one_left = Story::create(new).then(PLACE).then(Command::CancelLines(vec![units(1, 2)]));
    assert_eq!((one_left.order().state, one_left.order().totals().total), (OrderState::Placed, eur(10)));
    let cancelled = one_left.then(cancel_lines(2, 1));
    assert_eq!((cancelled.order().state, cancelled.order().totals().total), (OrderState::Cancelled, eur(0)));
    let (reason, note) = (CancelReason::OutOfStock, None);
    assert_eq!(cancelled.order().cancellation, Some(Cancellation { reason, note }));
    assert!(matches!(cancelled.last_events(), [Event::LinesCancelled { .. }, Event::Cancelled { .. }]));
}

#[test]
fn with_its_last_open_unit_a_paid_order_is_completed() {
    let state_after_cancelling = |prepare: &dyn Fn(Story) -> Story| {
        let sent = Story::confirmed(vec![line(10, 3)]).then(create(1, 1)).then(Command::Ship(1));
        prepare(sent).then(cancel_lines(1, 1)).order().state
    };
    let pay = |minor| Command::Record(capture(minor, "c-1"));
    assert_eq!(
        state_after_cancelling(&|s| s.then(create(1, 1)).then(Command::Ship(2)).then(pay(20))),
        OrderState::Completed
    );
    let in_the_way: [(&str, &dyn Fn(Story) -> Story); 3] = [
        ("a unit is open", &|s| s.then(pay(20))),
        ("a shipment is pending", &|s| s.then(create(1, 1)).then(pay(20))),
        ("a cent is to be paid", &|s| s.then(create(1, 1)).then(Command::Ship(2)).then(pay(19))),
    ];
    for (what, prepare) in in_the_way {
        assert_eq!(state_after_cancelling(prepare), OrderState::Confirmed, "{what}");
    }
}

#[test]
fn units_that_need_no_shipping_keep_an_order_from_completing_by_itself() {
    let story = Story::confirmed(vec![digital(5, 3)]).then(Command::Record(capture(15, "c-1")));
    let fewer = story.then(cancel_lines(1, 1));
    assert_eq!(fewer.order().state, OrderState::Confirmed, "the others could still be cancelled");
    assert_eq!(fewer.then(COMPLETE).order().state, OrderState::Completed);
}

#[test]
fn a_placed_order_is_not_completed_by_cancelling() {
    let free = Story::placed(vec![line(0, 2)]).then(cancel_lines(1, 1));
    assert_eq!(free.order().state, OrderState::Placed);
}
