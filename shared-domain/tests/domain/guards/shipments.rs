//! Shipments: what can be put in, and where each of them can go.

use shared_domain::{
    Carrier, CommandKind, FulfillmentState, LineId, MAX_SHIPMENTS, OrderState, ShipmentFailure, ShipmentId,
    ShipmentState, TrackingNumber, Violation,
};

use crate::{
    fixtures::{at, capture, digital, line, units},
    story::{COMPLETE, Command, Story},
};

fn exceeds(line: u32, requested: u32, open: u32) -> Violation {
    Violation::QuantityExceedsOpen { line: LineId(line), requested, open }
}

fn create(items: impl IntoIterator<Item = (u32, u32)>) -> Command {
    Command::CreateShipment(items.into_iter().map(|(line, n)| units(line, n)).collect())
}

/// Ten units, two of which are in the shipment 1.
fn packed() -> Story {
    Story::confirmed(vec![line(10, 10)]).then(create([(1, 2)]))
}

#[test]
fn only_open_units_are_put_in() {
    let story = packed().then(Command::CancelLines(vec![units(1, 3)]));
    story.refuses(create([(1, 6)]), [exceeds(1, 6, 5)]);
    let full = story.then(create([(1, 5)]));
    full.refuses(create([(1, 1)]), [exceeds(1, 1, 0)]);
    assert_eq!(full.order().lines[0].in_shipment, 7);
}

#[test]
fn lines_that_need_no_shipping_stay_out() {
    let story = Story::confirmed(vec![digital(10, 2), line(10, 2)]);
    let unknown = Violation::LineNotFound(LineId(3));
    story.refuses(create([(1, 1), (2, 3), (3, 1)]), [unknown, exceeds(1, 1, 0), exceeds(2, 3, 2)]);
}

#[test]
fn what_is_said_of_a_line_twice_is_added_up() {
    packed().refuses(create([(1, 5), (1, 4)]), [exceeds(1, 9, 8)]);
    let merged = packed().then(create([(1, 5), (1, 3)]));
    assert_eq!(merged.order().shipments[1].items, [units(1, 8)]);
    packed().refuses(create([(1, 1_000_000); 5000]), [exceeds(1, u32::MAX, 8)]);
    assert_eq!(packed().then(create([])).order().version, packed().order().version, "nothing to send");
}

#[test]
fn the_number_of_shipments_is_limited() {
    assert_eq!(MAX_SHIPMENTS, 100);
    let mut story = Story::confirmed(vec![line(1, 101)]);
    for _ in 0..100 {
        story = story.then(create([(1, 1)]));
    }
    story.refuses(create([(1, 1)]), [Violation::TooManyShipments]);
    story.then(Command::CancelShipment(100)).refuses(create([(1, 1)]), [Violation::TooManyShipments]);
}

#[test]
fn a_shipment_goes_its_way() {
    use ShipmentState::*;
    let in_state = |state| match state {
        Pending => packed(),
        Shipped => packed().then(Command::Ship(1)),
        Delivered => packed().then(Command::Ship(1)).then(Command::Deliver(1)),
        Failed => packed().then(Command::Ship(1)).then(Command::Fail(1)),
        Cancelled => packed().then(Command::CancelShipment(1)),
    };
    let ways = [
        (Command::Ship(1), Pending, Shipped),
        (Command::CancelShipment(1), Pending, Cancelled),
        (Command::Deliver(1), Shipped, Delivered),
        (Command::Fail(1), Shipped, Failed),
    ];
    for (command, allowed, next) in ways {
        for state in [Pending, Shipped, Delivered, Failed, Cancelled] {
            let story = in_state(state);
            assert_eq!(story.order().shipments[0].state, state);
            if state == allowed {
                assert_eq!(story.then(command.clone()).order().shipments[0].state, next);
            } else {
                let shipment = ShipmentId(1);
                story
                    .refuses(command.clone(), [Violation::InvalidShipmentState { shipment, state, allowed }]);
            }
        }
    }
}

#[test]
fn shipments_have_to_be_there() {
    let missing = Violation::ShipmentNotFound(ShipmentId(2));
    for command in [Command::Ship(2), Command::CancelShipment(2), Command::Deliver(2), Command::Fail(2)] {
        packed().refuses(command, [missing.clone()]);
    }
}

#[test]
fn the_ledger_of_the_line_follows() {
    let ledger = |story: &Story| {
        let line = &story.order().lines[0];
        [line.open(), line.in_shipment, line.shipped, line.delivered]
    };
    let packed = packed();
    assert_eq!(ledger(&packed), [8, 2, 0, 0]);
    let shipped = packed.clone().then(Command::Ship(1));
    assert_eq!(ledger(&shipped), [8, 2, 2, 0]);
    assert_eq!(ledger(&shipped.clone().then(Command::Deliver(1))), [8, 2, 2, 2]);
    assert_eq!(ledger(&shipped.then(Command::Fail(1))), [10, 0, 0, 0], "open again");
    assert_eq!(ledger(&packed.then(Command::CancelShipment(1))), [10, 0, 0, 0], "open again");
}

#[test]
fn fulfilment_looks_only_at_units_that_ship_and_are_not_cancelled() {
    use FulfillmentState::*;
    let story = Story::confirmed(vec![digital(1, 9), line(1, 3)]);
    let state = |story: &Story| story.order().fulfillment_state();
    assert_eq!(state(&story), Unfulfilled);
    let partly = story.clone().then(create([(2, 1)])).then(create([(2, 1)])).then(Command::Ship(1));
    assert_eq!(state(&partly), PartiallyShipped);
    let cancelled = partly.clone().then(Command::Ship(2)).then(Command::CancelLines(vec![units(2, 1)]));
    assert_eq!(state(&cancelled), Shipped);
    let delivered = cancelled.then(Command::Deliver(1));
    assert_eq!(state(&delivered), PartiallyDelivered);
    assert_eq!(state(&delivered.then(Command::Deliver(2))), Delivered);
    assert_eq!(state(&story.then(Command::CancelLines(vec![units(2, 3)]))), NotRequired);
}

#[test]
fn carrier_and_tracking_number_stay_unless_others_are_given() {
    let carrier = |name: &str| Some(Carrier::new(name).unwrap());
    let number = |number: &str| Some(TrackingNumber::new(number).unwrap());
    let create = |story: &mut Story| {
        let items = vec![units(1, 1)];
        let create = CommandKind::CreateShipment;
        story.run_verb(create, |o| o.create_shipment(items, carrier("DHL"), number("1"), at(9))).unwrap();
    };
    let mut story = Story::confirmed(vec![line(1, 2)]);
    create(&mut story);
    create(&mut story);
    let mut ship = |id, by, tracked| {
        story
            .run_verb(CommandKind::ShipShipment, |o| o.ship(ShipmentId(id), by, tracked, None, at(10)))
            .unwrap();
        let shipment = story.order().shipment(ShipmentId(id)).unwrap();
        (shipment.carrier.clone(), shipment.tracking_number.clone())
    };
    assert_eq!(ship(1, None, None), (carrier("DHL"), number("1")));
    assert_eq!(ship(2, carrier("UPS"), number("2")), (carrier("UPS"), number("2")));
}

#[test]
fn times_are_those_given_or_those_of_the_commit() {
    let mut story = packed().then(create([(1, 1)]));
    let told = |story: &mut Story, id, ship_time, deliver_time| {
        let id = ShipmentId(id);
        story.run_verb(CommandKind::ShipShipment, |o| o.ship(id, None, None, ship_time, at(0))).unwrap();
        let ship_commit = story.order().times.update;
        story.run_verb(CommandKind::DeliverShipment, |o| o.deliver(id, deliver_time, at(0))).unwrap();
        (ship_commit, story.order().times.update, story.order().shipment(id).unwrap().clone())
    };
    let (_, _, given) = told(&mut story, 1, Some(at(-50)), Some(at(-40)));
    assert_eq!((given.ship_time, given.deliver_time), (Some(at(-50)), Some(at(-40))));
    let (shipped, delivered, shipment) = told(&mut story, 2, None, None);
    assert_eq!((shipment.ship_time, shipment.deliver_time), (Some(shipped), Some(delivered)));
    assert_eq!((shipment.end_time, shipment.failure, shipment.note), (None, None, None));
}

#[test]
fn a_shipment_that_ends_early_says_why_and_when() {
    let mut story = packed().then(Command::Ship(1)).then(create([(1, 1)]));
    let note = |text: &str| Some(shared_domain::CancelNote::new(text).unwrap());
    let (one, two) = (ShipmentId(1), ShipmentId(2));
    let fail = CommandKind::FailShipment;
    let failure = ShipmentFailure::Undeliverable;
    story.run_verb(fail, |o| o.fail_shipment(one, failure, note("nobody there"), at(20))).unwrap();
    story.run_verb(CommandKind::CancelShipment, |o| o.cancel_shipment(two, note("broken"), at(30))).unwrap();
    let [failed, cancelled] = &story.order().shipments[..] else { panic!("two shipments") };
    assert_eq!((failed.failure, failed.end_time), (Some(failure), Some(at(20))));
    assert_eq!((cancelled.failure, cancelled.end_time), (None, Some(at(30))));
    assert_eq!([failed.note.clone(), cancelled.note.clone()], [note("nobody there"), note("broken")]);
}

#[test]
fn a_failed_shipment_reopens_a_completed_order() {
    let sent = Story::confirmed(vec![line(10, 2)]).then(create([(1, 2)])).then(Command::Ship(1));
    let completed = sent.then(Command::Record(capture(20, "c-1"))).then(COMPLETE);
    assert_eq!(completed.order().state, OrderState::Completed);
    let reopened = completed.then(Command::Fail(1));
    assert_eq!((reopened.order().state, reopened.order().lines[0].open()), (OrderState::Confirmed, 2));
    let again =
        reopened.then(create([(1, 2)])).then(Command::Ship(2)).then(COMPLETE).then(Command::Deliver(2));
    assert_eq!(again.order().state, OrderState::Completed, "delivered, and still completed");
}
