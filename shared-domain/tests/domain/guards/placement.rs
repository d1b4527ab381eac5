//! What an order needs to be placed, and to stay so.

use shared_domain::{DetailsPatch, LineId, NewOrder, Order, OrderChange, OrderState, Violation};

use crate::{
    fixtures::{self, address, at, digital, eur, line, order_id, order_of, quantity, units, usd},
    story::{Command, PLACE, Story},
};

fn without_contact(mut new: NewOrder) -> NewOrder {
    new.details.contact = None;
    new
}

fn without_address(new: NewOrder) -> NewOrder {
    NewOrder { shipping_address: None, ..new }
}

fn expecting(total: shared_domain::Money) -> Command {
    Command::Place { expected_total: Some(total) }
}

#[test]
fn something_is_ordered() {
    Story::draft(vec![]).refuses(PLACE, [Violation::OrderEmpty]);
    let nothing_left = Story::draft(vec![line(1, 2)]).then(Command::CancelLines(vec![units(1, 2)]));
    assert_eq!(nothing_left.order().state, OrderState::Draft);
    nothing_left.refuses(PLACE, [Violation::OrderEmpty]);
    nothing_left.then(Command::Amend(vec![OrderChange::AddLine(line(1, 1))])).then(PLACE);
}

#[test]
fn a_placed_order_does_not_become_empty() {
    let placed = Story::placed(vec![line(1, 2)]).then(Command::CancelLines(vec![units(1, 1)]));
    let (line_id, tax_amount) = (LineId(1), None);
    placed.refuses(Command::Amend(vec![OrderChange::RemoveLine { line_id }]), [Violation::OrderEmpty]);
    let only_cancelled = OrderChange::SetQuantity { line_id, quantity: quantity(1), tax_amount };
    placed.refuses(Command::Amend(vec![only_cancelled]), [Violation::OrderEmpty]);
    let exchange = vec![OrderChange::RemoveLine { line_id }, OrderChange::AddLine(line(2, 1))];
    assert_eq!(placed.then(Command::Amend(exchange)).order().totals().total, eur(2), "the end counts");
    Story::draft(vec![line(1, 1)]).then(Command::Amend(vec![OrderChange::RemoveLine { line_id }]));
}

#[test]
fn somebody_can_be_reached() {
    let draft = Story::create(without_contact(order_of(vec![line(1, 1)])));
    draft.refuses(PLACE, [Violation::ContactRequired]);
    let contact = |contact| Command::Update(DetailsPatch { contact: Some(contact), ..Default::default() });
    let placed = draft.then(contact(Some(fixtures::contact()))).then(PLACE);
    placed.refuses(contact(None), [Violation::ContactRequired]);
    placed.clone().then(crate::story::CANCEL).refuses(contact(None), [Violation::ContactRequired]);
    Story::draft(vec![]).then(contact(None)).then(crate::story::CANCEL).then(contact(None));
}

#[test]
fn what_ships_has_somewhere_to_go() {
    let nowhere = |lines| Story::create(without_address(order_of(lines)));
    nowhere(vec![digital(1, 1), line(1, 1)]).refuses(PLACE, [Violation::AddressRequired]);
    let gone = nowhere(vec![digital(1, 1), line(1, 1)]).then(Command::CancelLines(vec![units(2, 1)]));
    gone.then(PLACE);

    let placed = nowhere(vec![digital(1, 1)]).then(PLACE);
    let ships = OrderChange::AddLine(line(1, 1));
    placed.refuses(Command::Amend(vec![ships.clone()]), [Violation::AddressRequired]);
    placed.then(Command::Amend(vec![ships, OrderChange::SetShippingAddress(address("Bath"))]));
}

#[test]
fn the_total_is_the_expected_one() {
    let draft = Story::draft(vec![line(10, 3)]);
    for expected in [eur(29), eur(31), usd(30)] {
        draft.refuses(expecting(expected), [Violation::TotalMismatch { expected, actual: eur(30) }]);
    }
    let mismatch = Violation::TotalMismatch { expected: eur(1), actual: eur(30) };
    let order = Order::create(order_id(), order_of(vec![line(10, 3)]), at(0)).unwrap();
    assert_eq!(order.expect_total(eur(1)).unwrap_err().0, [mismatch]);
    assert_eq!(order.expect_total(eur(30)), Ok(()));
    assert_eq!(draft.then(expecting(eur(30))).order().state, OrderState::Placed);
}

#[test]
fn all_that_an_order_lacks_is_told_at_once() {
    let mismatch = Violation::TotalMismatch { expected: eur(2), actual: eur(1) };
    let lacking = Story::create(without_contact(without_address(order_of(vec![line(1, 1)]))));
    lacking.refuses(expecting(eur(2)), [Violation::ContactRequired, Violation::AddressRequired, mismatch]);
    let mismatch = Violation::TotalMismatch { expected: eur(2), actual: eur(0) };
    let empty = Story::create(without_contact(order_of(vec![])));
    empty.refuses(expecting(eur(2)), [Violation::OrderEmpty, Violation::ContactRequired, mismatch]);
}
