//! AmendOrder: what was committed to stays, all changes happen or none, and numbers are never used again.

use shared_domain::{AdjustmentId, Currency, LineId, NewOrder, OrderChange, Violation};

use crate::{
    fixtures::{
        address, discount, eur, line, of_line, order_of, quantity, shipping, surcharge, taxed, units, usd,
    },
    story::{Command, PLACE, Story},
};

fn set_quantity(line: u32, units: u32) -> OrderChange {
    OrderChange::SetQuantity { line_id: LineId(line), quantity: quantity(units), tax_amount: None }
}

/// Five units, of which one is cancelled and two are in a shipment.
fn committed() -> Story {
    let cancelled =
        Story::confirmed(vec![line(10, 5), line(1, 1)]).then(Command::CancelLines(vec![units(1, 1)]));
    cancelled.then(Command::CreateShipment(vec![units(1, 2)]))
}

#[test]
fn units_cancelled_or_in_shipments_stay() {
    let below = Violation::QuantityBelowCommitted { line: LineId(1), requested: 2, committed: 3 };
    committed().refuses(Command::Amend(vec![set_quantity(1, 2)]), [below]);
    let amended = committed().then(Command::Amend(vec![set_quantity(1, 3)]));
    assert_eq!(amended.order().lines[0].open(), 0);
    assert_eq!(amended.order().totals().total, eur(21));
}

#[test]
fn a_line_in_shipments_stays() {
    let remove = || Command::Amend(vec![OrderChange::RemoveLine { line_id: LineId(1) }]);
    committed().refuses(remove(), [Violation::LineHasShipments(LineId(1))]);
    let left = committed().then(Command::Ship(1));
    left.refuses(remove(), [Violation::LineHasShipments(LineId(1))]);
    let removed = committed().then(Command::CancelShipment(1)).then(remove());
    assert_eq!(removed.order().lines.len(), 1);
}

#[test]
fn the_address_is_locked_once_a_shipment_left() {
    let set = || Command::Amend(vec![OrderChange::SetShippingAddress(address("Bath"))]);
    let pending = committed().then(set());
    assert_eq!(pending.order().shipping_address, Some(address("Bath")));
    let left = pending.then(Command::Ship(1));
    left.refuses(set(), [Violation::AddressLocked]);
    left.then(Command::Fail(1)).refuses(set(), [Violation::AddressLocked]);
    committed().then(Command::CancelShipment(1)).then(set());
}

#[test]
fn all_changes_happen_or_none() {
    let story = Story::placed(vec![line(10, 5)]);
    let changes = vec![set_quantity(1, 4), set_quantity(2, 1)];
    story.refuses(Command::Amend(changes), [Violation::LineNotFound(LineId(2))]);
    let none = story.then(Command::Amend(vec![]));
    assert_eq!(none.order().version, 2, "no change, no version");
}

#[test]
fn each_change_sees_the_ones_before() {
    let changes = vec![
        OrderChange::AddLine(line(7, 1)),
        set_quantity(2, 3),
        OrderChange::AddAdjustment(of_line(2, discount(6))),
        OrderChange::SetShipping(vec![shipping(5, 1)]),
        OrderChange::SetUnitPrice { line_id: LineId(1), unit_price: eur(9), tax_amount: Some(eur(2)) },
    ];
    let story = Story::placed(vec![taxed(line(10, 1), 1)]).then(Command::Amend(changes));
    assert_eq!(story.order().totals().total, eur(9 + 2 + 3 * 7 - 6 + 5 + 1));
    assert_eq!((story.order().version, story.last_events().len()), (3, 5), "one version");
}

#[test]
fn tax_belongs_to_the_quantity_and_the_price_it_was_given_with() {
    let story = Story::draft(vec![taxed(line(10, 2), 4)]);
    let repriced = OrderChange::SetUnitPrice { line_id: LineId(1), unit_price: eur(10), tax_amount: None };
    for change in [set_quantity(1, 2), repriced] {
        let amended = story.clone().then(Command::Amend(vec![change]));
        assert_eq!(amended.order().totals().tax, eur(0));
    }
}

#[test]
fn numbers_are_never_used_again() {
    let new = NewOrder { adjustments: vec![discount(1)], ..order_of(vec![line(10, 1), line(10, 1)]) };
    let changes = vec![
        OrderChange::RemoveLine { line_id: LineId(2) },
        OrderChange::AddLine(line(1, 1)),
        OrderChange::RemoveAdjustment { adjustment_id: AdjustmentId(1) },
        OrderChange::AddAdjustment(surcharge(1)),
    ];
    for story in [Story::create(new.clone()), Story::create(new).then(PLACE)] {
        let amended = story.then(Command::Amend(changes.clone()));
        let lines: Vec<_> = amended.order().lines.iter().map(|line| line.id.0).collect();
        let adjustments: Vec<_> = amended.order().adjustments.iter().map(|a| a.id.0).collect();
        assert_eq!((lines, adjustments), (vec![1, 3], vec![2]));
    }
}

#[test]
fn a_removed_line_takes_along_what_applies_to_it_alone() {
    let adjustments = vec![of_line(2, discount(3)), of_line(1, discount(4)), of_line(2, surcharge(5))];
    let new = NewOrder { adjustments, ..order_of(vec![line(10, 1), line(10, 1)]) };
    for story in [Story::create(new.clone()), Story::create(new).then(PLACE)] {
        let left = story.then(Command::Amend(vec![OrderChange::RemoveLine { line_id: LineId(2) }]));
        let kept: Vec<_> = left.order().adjustments.iter().map(|adjustment| adjustment.id).collect();
        assert_eq!((kept, left.order().totals().total), (vec![AdjustmentId(2)], eur(6)));
    }
}

#[test]
fn no_change_is_mended_by_a_later_one() {
    let no_line = Violation::LineNotFound(LineId(2));
    let too_early =
        vec![OrderChange::AddAdjustment(of_line(2, surcharge(1))), OrderChange::AddLine(line(1, 1))];
    let mut foreign = surcharge(1);
    foreign.amount = usd(1);
    let adjustment_id = AdjustmentId(1);
    let taken_back =
        vec![OrderChange::AddAdjustment(foreign), OrderChange::RemoveAdjustment { adjustment_id }];
    let mismatch = Violation::CurrencyMismatch { given: Currency::USD, order: Currency::EUR };
    for story in [Story::draft(vec![line(1, 1)]), Story::placed(vec![line(1, 1)])] {
        story.refuses(Command::Amend(too_early.clone()), [no_line.clone()]);
        let not_there = Violation::AdjustmentNotFound(adjustment_id);
        story.refuses(Command::Amend(taken_back.clone()), [mismatch.clone(), not_there]);
    }
}
