//! What holds for every order after every command. [`crate::story::Story`] asserts it each time.

use shared_domain::{
    AdjustmentKind, AdjustmentScope, CommandKind, Event, Order, OrderSnapshot, OrderState, ShipmentState,
    TransactionState, Violation,
};

use crate::{model, story::Story, table::agreed};

/// The answer to a command fits the lifecycle, and a refusal changes nothing.
pub(crate) fn of_answer(
    kind: CommandKind,
    before: &Order,
    after: &Order,
    result: &Result<(), Vec<Violation>>,
) {
    let state = before.snapshot().state;
    let next = agreed(kind, state);
    match result {
        Ok(()) => assert!(next.contains(&after.snapshot().state), "{kind:?} led from {state:?} to {after:?}"),
        Err(violations) => {
            assert_eq!(after, before, "a refused command changes nothing");
            assert!(!violations.is_empty(), "a refusal says why");
            let not_allowed = Violation::InvalidStateTransition { command: kind, state };
            assert_eq!(violations.contains(&not_allowed), next.is_empty(), "{kind:?} in {state:?}");
        }
    }
}

/// What a commit may do to an order.
pub(crate) fn of_step(before: &OrderSnapshot, story: &Story) {
    let after = story.order();
    let committed = after.version > before.version;
    if !committed {
        assert_eq!(after, before, "without a commit nothing changes");
        return;
    }
    assert_eq!(after.version, before.version + 1, "one command makes one version");
    assert!(after.times.update > before.times.update, "commit times increase");
    assert_eq!(story.commits().len() as u64, after.version, "versions count commits");
    let set = |event: &&Event| matches!(event, Event::LineQuantitySet { .. });
    if story.last_events().iter().filter(set).count() <= 1 {
        units_take_their_share_along(before, after);
    }
    ledgers_are_append_only(before, after);
}

/// Units that leave take exactly their share of what is allocated to their line, rounded down; what stays bears the rest.
/// Units that are added bring nothing along.
fn units_take_their_share_along(before: &OrderSnapshot, after: &OrderSnapshot) {
    let frozen = |order: &OrderSnapshot| {
        order.adjustments.iter().map(|a| (a.id, a.allocations.len())).collect::<Vec<_>>()
    };
    if before.times.place.is_none() || frozen(before) != frozen(after) {
        return;
    }
    for line in &after.lines {
        let Some(n) = before.line(line.id).map(model::live) else { continue };
        let k = n - model::live(line);
        for kind in [AdjustmentKind::Discount, AdjustmentKind::Surcharge] {
            let [was, is] = [before, after].map(|order| model::allocated(order, kind, line.id));
            let leaves = if k > 0 { was * k / n } else { 0 };
            assert_eq!(is, was - leaves, "{k} of {n} units of line {} leave", line.id);
        }
    }
}

fn ledgers_are_append_only(before: &OrderSnapshot, after: &OrderSnapshot) {
    let time = after.times.update;
    for (was, is) in before.payments.iter().zip(&after.payments) {
        assert_eq!((was.id, &was.provider_reference), (is.id, &is.provider_reference));
        assert!(is.transactions.len() >= was.transactions.len());
        for (was, is) in was.transactions.iter().zip(&is.transactions) {
            assert_eq!((was.id, was.kind, was.create_time), (is.id, is.kind, is.create_time));
            let settled = matches!(was.state, TransactionState::Succeeded | TransactionState::Failed);
            assert!(!settled || was == is, "a settled transaction changed");
            assert!(was == is || is.update_time == time);
        }
    }
    assert!(after.payments.len() >= before.payments.len());
    assert!(after.shipments.len() >= before.shipments.len());
    let new = after.shipments.iter().skip(before.shipments.len());
    new.for_each(|shipment| assert_eq!(shipment.create_time, time, "made with the commit"));
    let seen: usize = before.payments.iter().map(|payment| payment.transactions.len()).sum();
    let transactions = after.payments.iter().flat_map(|payment| &payment.transactions);
    let new = transactions.filter(|transaction| transaction.id.0 as usize > seen);
    new.for_each(|transaction| assert_eq!((transaction.create_time, transaction.update_time), (time, time)));
}

/// What holds for an order at rest.
pub(crate) fn of_state(story: &Story) {
    let order = story.order();
    order.check_invariants().unwrap_or_else(|broken| panic!("{broken}: {order:?}"));
    assert_eq!(Order::restore(order.clone()).expect("sound").snapshot(), order, "restoring is the identity");
    let commits = story.commits().iter().map(|(time, events)| (*time, events.as_slice()));
    assert_eq!(OrderSnapshot::fold(commits).as_ref(), Some(order), "its events make the order");

    let totals = order.totals();
    let sums =
        [totals.subtotal, totals.discount, totals.surcharge, totals.shipping, totals.tax, totals.total];
    assert!(sums.iter().all(|sum| sum.currency() == order.currency));
    assert_eq!(sums.map(shared_domain::Money::minor_units), model::totals(order));
    assert_eq!(order.balance().minor_units(), model::balance(order));
    assert_eq!(order.payment_state(), model::payment_state(order));
    assert_eq!(order.fulfillment_state(), model::fulfillment_state(order));

    ledgers_add_up(order);
    allocations_add_up(order);
    lifecycle_fits(order);
}

fn ledgers_add_up(order: &OrderSnapshot) {
    for line in &order.lines {
        let live = line.ordered.checked_sub(line.cancelled).expect("no more cancelled than ordered");
        let open = live.checked_sub(line.in_shipment).expect("no more in shipments than there are");
        assert_eq!((line.live(), line.open()), (live, open));
        assert_eq!(line.awaiting_shipment(), if line.requires_shipping { open } else { 0 });
        assert!(line.requires_shipping || line.in_shipment == 0, "nothing is shipped that does not ship");
        assert!(line.delivered <= line.shipped && line.shipped <= line.in_shipment);
        assert_eq!(order.line_subtotal(line).minor_units(), model::subtotal(line));
    }
}

fn allocations_add_up(order: &OrderSnapshot) {
    for adjustment in &order.adjustments {
        assert!(!adjustment.amount.is_negative());
        let spread = order.times.place.is_some() && adjustment.scope != AdjustmentScope::Shipping;
        let expected = if spread { adjustment.amount.minor_units() } else { 0 };
        assert_eq!(model::allocated_of(adjustment), expected, "{adjustment:?}");
        for share in &adjustment.allocations {
            assert!(!share.amount.is_negative() && order.line(share.line_id).is_some(), "{adjustment:?}");
        }
    }
    let anything_left = order.lines.iter().any(|line| line.live() > 0);
    for (line, told) in order.lines.iter().zip(order.line_discounts()).filter(|_| anything_left) {
        let discount = model::line_discount(order, line);
        assert_eq!(told.minor_units(), discount);
        assert!(discount <= model::subtotal(line), "line {} costs less than nothing", line.id);
    }
}

fn lifecycle_fits(order: &OrderSnapshot) {
    let pending = order.shipments.iter().any(|shipment| shipment.state == ShipmentState::Pending);
    let times = &order.times;
    assert_eq!(order.number.is_some(), times.place.is_some());
    assert_eq!(times.complete.is_some(), order.state == OrderState::Completed);
    assert_eq!(times.cancel.is_some(), order.state == OrderState::Cancelled);
    assert_eq!(order.cancellation.is_some(), order.state == OrderState::Cancelled);
    match order.state {
        OrderState::Draft => assert!(times.place.is_none()),
        OrderState::Placed => assert!(times.place.is_some() && times.confirm.is_none()),
        OrderState::Confirmed => assert!(times.confirm.is_some()),
        OrderState::Completed => {
            assert!(!pending && order.lines.iter().all(|line| line.awaiting_shipment() == 0));
        }
        OrderState::Cancelled => {
            assert!(!pending && order.lines.iter().all(|line| line.ordered == line.cancelled));
            assert!(order.lines.iter().all(|line| line.shipped == 0));
        }
    }
    if order.times.place.is_some() && order.state != OrderState::Cancelled {
        assert!(order.details.contact.is_some() && order.lines.iter().any(|line| line.live() > 0));
    }
}
