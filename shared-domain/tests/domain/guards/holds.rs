//! What a hold stops and what it does not.

use shared_domain::{LineId, OrderChange, Violation};

use crate::{
    fixtures::{capture, line, units},
    story::{CANCEL, COMPLETE, Command, Story},
};

fn on_hold() -> Violation {
    Violation::OrderOnHold { reason: "to be looked at".into() }
}

/// Confirmed and on hold, with a shipment that is pending and one that left.
fn held() -> Story {
    let confirmed = Story::confirmed(vec![line(10, 5)]);
    let packed = confirmed.then_all([1, 1].map(|n| Command::CreateShipment(vec![units(1, n)])));
    packed.then(Command::Ship(2)).then(Command::Hold)
}

#[test]
fn an_order_on_hold_waits() {
    Story::placed(vec![line(10, 1)]).then(Command::Hold).refuses(Command::Confirm, [on_hold()]);
    for command in [Command::Hold, Command::CreateShipment(vec![units(1, 1)]), Command::Ship(1)] {
        held().refuses(command, [on_hold()]);
    }
}

#[test]
fn what_does_not_send_anything_goes_on() {
    let all = [
        Command::CancelLines(vec![units(1, 1)]),
        Command::Amend(vec![OrderChange::AddLine(line(1, 1))]),
        Command::CancelShipment(1),
        Command::Deliver(2),
        Command::Fail(2),
        Command::Record(capture(50, "c-1")),
        Command::Note,
    ];
    for command in all {
        assert!(held().then(command).order().hold.is_some());
    }
    let cancelled = held().then(Command::Fail(2)).then(Command::Cancel { cancel_pending_shipments: true });
    assert_eq!(cancelled.order().hold, None, "the end of the order is the end of the hold");
}

#[test]
fn a_hold_has_a_reason_and_a_time_and_is_released() {
    let held = held();
    let hold = held.order().hold.clone().unwrap();
    assert_eq!((hold.reason.as_str(), hold.time), ("to be looked at", held.order().times.update));
    let released = held.then(Command::Release);
    assert_eq!(released.order().hold, None);
    released.refuses(Command::Release, [Violation::OrderNotOnHold]);
    released.then(Command::Ship(1)).then(Command::Hold);
}

#[test]
fn completion_ends_a_hold() {
    let paid = Story::confirmed(vec![line(10, 1)]).then(Command::Record(capture(10, "c-1")));
    let sent = paid.then(Command::CreateShipment(vec![units(1, 1)])).then(Command::Ship(1));
    let completed = sent.then(Command::Hold).then(COMPLETE);
    assert_eq!(completed.order().hold, None, "nobody could release it");
}

#[test]
fn all_that_stands_in_the_way_of_a_shipment_is_told_at_once() {
    let exceeds = Violation::QuantityExceedsOpen { line: LineId(1), requested: 4, open: 3 };
    let items = vec![units(1, 4), units(7, 1)];
    held().refuses(Command::CreateShipment(items), [on_hold(), Violation::LineNotFound(LineId(7)), exceeds]);
    let shipment = shared_domain::ShipmentId(9);
    held().refuses(Command::Ship(9), [on_hold(), Violation::ShipmentNotFound(shipment)]);
}

#[test]
fn a_cancelled_order_is_not_on_hold() {
    let cancelled = Story::placed(vec![line(1, 1)]).then(Command::Hold).then(CANCEL);
    assert_eq!(cancelled.order().hold, None);
}
