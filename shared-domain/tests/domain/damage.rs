//! Orders that cannot be are refused when they are restored, each for what is wrong with it.

use shared_domain::{
    AdjustmentKind, AdjustmentScope, CancelReason, Hold, LineId, NewOrder, Order, OrderNumber, OrderSnapshot,
    OrderState, ShipmentState,
};

use crate::{
    fixtures::{
        at, authorization, capture, digital, discount, eur, line, of_shipping, on, order_of, reason,
        shipping, surcharge, units, usd,
    },
    story::{COMPLETE, Command, PLACE, Story},
};

/// Five units, one of them cancelled, one delivered, one shipped, one in a pending shipment; an order with all there is.
fn sound() -> OrderSnapshot {
    let new = NewOrder {
        adjustments: vec![discount(5), of_shipping(discount(1)), surcharge(2)],
        shipping_lines: vec![shipping(3, 1)],
        ..order_of(vec![line(10, 5), digital(1, 1)])
    };
    let confirmed = Story::create(new).then(PLACE).then(Command::Confirm);
    let cancelled = confirmed.then(Command::CancelLines(vec![units(1, 1)]));
    let packed = cancelled.then_all([1, 1, 1].map(|n| Command::CreateShipment(vec![units(1, n)])));
    let sent = packed.then(Command::Ship(1)).then(Command::Deliver(1)).then(Command::Ship(2));
    let paid =
        sent.then(Command::Record(authorization(9, "a"))).then(Command::Record(on("pay-2", capture(9, "c"))));
    paid.order().clone()
}

fn damaged(order: &OrderSnapshot, damage: impl FnOnce(&mut OrderSnapshot)) -> Option<&'static str> {
    let mut order = order.clone();
    damage(&mut order);
    Order::restore(order).err().map(|broken| broken.what)
}

type Damage = fn(&mut OrderSnapshot);

fn each_is(what: &str, order: &OrderSnapshot, damages: &[Damage]) {
    assert_eq!(damaged(order, |_| {}), None);
    for (at, damage) in damages.iter().enumerate() {
        assert_eq!(damaged(order, damage), Some(what), "number {at}");
    }
}

#[test]
fn versions_start_at_1() {
    each_is("versions start at 1", &sound(), &[|order| order.version = 0]);
}

#[test]
fn quantity_ledgers_add_up() {
    let damages: [Damage; 6] = [
        |order| order.lines[1].ordered = 0,
        |order| order.lines[0].cancelled = 3,
        |order| order.lines[0].cancelled = u32::MAX,
        |order| order.lines[0].in_shipment = 5,
        |order| order.lines[0].shipped = 4,
        |order| order.lines[0].delivered = 3,
    ];
    each_is("a quantity ledger does not add up", &sound(), &damages);
}

#[test]
fn parts_are_numbered_one_after_the_other() {
    let damages: [Damage; 14] = [
        |order| order.lines.reverse(),
        |order| order.lines[1].id = LineId(1),
        |order| order.last_line_id = 1,
        |order| order.adjustments.reverse(),
        |order| order.last_adjustment_id = 2,
        |order| order.adjustments[1].id = order.adjustments[0].id,
        |order| order.payments.reverse(),
        |order| order.payments[1].id = order.payments[0].id,
        |order| drop(order.payments.remove(0)),
        |order| order.payments[1].transactions[0].id = order.payments[0].transactions[0].id,
        |order| order.payments[0].transactions.clear(),
        |order| order.shipments.reverse(),
        |order| order.shipments[1].id = order.shipments[0].id,
        |order| drop(order.shipments.remove(0)),
    ];
    each_is("parts are not numbered one after the other", &sound(), &damages);
}

#[test]
fn contents_keep_their_rules() {
    let damages: [Damage; 6] = [
        |order| order.lines[0].unit_price = usd(10),
        |order| order.lines[0].tax_amount = eur(-1),
        |order| order.lines[0].unit_price = eur(0),
        |order| order.shipping_lines[0].amount = eur(0),
        |order| order.shipping_lines = vec![shipping(3, 1); 21],
        |order| order.adjustments[1].scope = AdjustmentScope::Line(LineId(9)),
    ];
    each_is("the contents break a rule", &sound(), &damages);
}

#[test]
fn payments_are_in_the_orders_currency() {
    let damages: [Damage; 2] = [
        |order| order.payments[1].transactions[0].amount = usd(1),
        |order| order.payments[0].planned_amount = Some(usd(1)),
    ];
    each_is("a payment is in another currency", &sound(), &damages);
}

#[test]
fn allocations_sum_to_their_adjustment() {
    let damages: [Damage; 6] = [
        |order| order.adjustments[0].amount = eur(3),
        |order| order.adjustments[0].allocations[0].amount = eur(0),
        |order| order.adjustments[0].allocations.clear(),
        |order| order.adjustments[2].allocations[0].line_id = LineId(9),
        |order| order.adjustments[2].allocations[0].amount = usd(2),
        |order| order.adjustments[1].allocations = order.adjustments[0].allocations.clone(),
    ];
    each_is("allocations do not sum to their adjustment", &sound(), &damages);
    let draft = Story::create(NewOrder { adjustments: vec![discount(1)], ..order_of(vec![line(1, 1)]) });
    let allocations = sound().adjustments[2].allocations.clone();
    let spread = |order: &mut OrderSnapshot| {
        order.adjustments[0].kind = AdjustmentKind::Surcharge;
        order.adjustments[0].allocations = allocations;
    };
    assert_eq!(damaged(draft.order(), spread), Some("allocations do not sum to their adjustment"));
}

const STATE: &str = "the state does not fit the quantities";

#[test]
fn drafts_are_not_placed() {
    let draft = Story::draft(vec![line(1, 1)]);
    let damages: [Damage; 3] = [
        |order| order.number = Some(OrderNumber::from_sequence(1)),
        |order| order.times.place = Some(at(0)),
        |order| order.hold = Some(Hold { reason: reason("?"), time: at(0) }),
    ];
    each_is(STATE, draft.order(), &damages);
}

#[test]
fn placed_orders_lack_nothing() {
    let damages: [Damage; 4] = [
        |order| order.number = None,
        |order| order.details.contact = None,
        |order| order.times.place = None,
        |order| order.lines.iter_mut().for_each(|line| line.cancelled = line.ordered),
    ];
    for story in [Story::placed(vec![line(1, 1)]), Story::confirmed(vec![line(1, 1)])] {
        each_is(STATE, story.order(), &damages);
    }
}

#[test]
fn nothing_is_left_to_do_on_completed_orders() {
    let sent = Story::confirmed(vec![line(0, 2)])
        .then(Command::CreateShipment(vec![units(1, 2)]))
        .then(Command::Ship(1));
    let completed = sent.then(COMPLETE);
    let damages: [Damage; 5] = [
        |order| order.lines[0].ordered = 3,
        |order| order.shipments[0].state = ShipmentState::Pending,
        |order| order.hold = Some(Hold { reason: reason("?"), time: at(0) }),
        |order| order.lines.clear(),
        |order| order.number = None,
    ];
    each_is(STATE, completed.order(), &damages);
}

#[test]
fn nothing_is_left_of_cancelled_orders() {
    let packed = Story::confirmed(vec![line(1, 2)]).then(Command::CreateShipment(vec![units(1, 2)]));
    let cancelled = packed.then(Command::Cancel { cancel_pending_shipments: true });
    let damages: [Damage; 4] = [
        |order| order.lines[0].cancelled = 1,
        |order| order.shipments[0].state = ShipmentState::Pending,
        |order| order.hold = Some(Hold { reason: reason("?"), time: at(0) }),
        |order| order.number = None,
    ];
    each_is(STATE, cancelled.order(), &damages);
    assert_eq!(cancelled.order().cancellation.as_ref().unwrap().reason, CancelReason::CustomerRequest);
    let confirmed = |order: &mut OrderSnapshot| order.state = OrderState::Confirmed;
    assert_eq!(damaged(cancelled.order(), confirmed), Some(STATE));
}

#[test]
fn shipments_and_lines_agree() {
    let damages: [Damage; 6] = [
        |order| order.shipments[0].state = ShipmentState::Shipped,
        |order| order.shipments[1].state = ShipmentState::Pending,
        |order| order.shipments[1].state = ShipmentState::Failed,
        |order| order.shipments[2].state = ShipmentState::Cancelled,
        |order| order.shipments[2].items = vec![units(2, 1)],
        |order| order.lines[0].in_shipment = 4,
    ];
    each_is("shipments and lines disagree", &sound(), &damages);
}

#[test]
fn damage_tells_which_order_it_hit() {
    let mut order = sound();
    order.version = 0;
    let told = Order::restore(order.clone()).unwrap_err().to_string();
    assert_eq!(told, format!("order {} at version 0 is damaged: versions start at 1", order.id));
}
