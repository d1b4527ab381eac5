//! What is ordered and what it costs: currencies, ranges, numbers of parts, parts that are not there.

use shared_domain::{
    AdjustmentId, Currency, LineId, MAX_ADJUSTMENTS, MAX_LINES, MAX_SHIPPING_LINES, NewLine, NewOrder, Order,
    OrderChange, ShippingLine, Violation,
};

use crate::{
    fixtures::{
        address, at, discount, eur, line, of_line, of_shipping, order_id, order_of, quantity, shipping,
        surcharge, usd,
    },
    story::{Command, Story},
};

const FOREIGN: Violation = Violation::CurrencyMismatch { given: Currency::USD, order: Currency::EUR };
const NEGATIVE: Violation = Violation::MoneyOutOfRange { what: "an amount", rule: "not negative" };
const NOTHING: Violation = Violation::MoneyOutOfRange { what: "a new adjustment", rule: "above zero" };

/// What a draft with these is refused for, whether it is created with them or comes to have them.
fn refused(new: NewOrder) -> Vec<Violation> {
    let created = Order::create(order_id(), new.clone(), at(0)).expect_err("refused").0;
    let changes = new.lines.into_iter().map(OrderChange::AddLine);
    let changes = changes.chain(new.adjustments.into_iter().map(OrderChange::AddAdjustment));
    let changes = changes.chain([OrderChange::SetShipping(new.shipping_lines)]).collect();
    let amended = Story::draft(vec![]).refusal(Command::Amend(changes));
    assert_eq!(created, amended, "creating and amending agree");
    created
}

fn one_line() -> NewOrder {
    order_of(vec![line(100, 1)])
}

#[test]
fn every_amount_is_in_the_orders_currency() {
    let price = NewLine { unit_price: usd(1), tax_amount: Some(eur(0)), ..line(1, 1) };
    let tax = NewLine { tax_amount: Some(usd(1)), ..line(1, 1) };
    for foreign in [price, tax] {
        assert_eq!(refused(order_of(vec![foreign])), [FOREIGN]);
    }
    let shipping_price = ShippingLine { amount: usd(1), ..shipping(1, 0) };
    let shipping_tax = ShippingLine { tax_amount: usd(1), ..shipping(1, 0) };
    for foreign in [shipping_price, shipping_tax] {
        assert_eq!(refused(NewOrder { shipping_lines: vec![foreign], ..one_line() }), [FOREIGN]);
    }
    let mut foreign = discount(1);
    foreign.amount = usd(1);
    assert_eq!(refused(NewOrder { adjustments: vec![foreign], ..one_line() }), [FOREIGN]);

    let placed = Story::placed(vec![line(1, 1)]);
    let unit_price = OrderChange::SetUnitPrice { line_id: LineId(1), unit_price: usd(1), tax_amount: None };
    let tax_amount = Some(usd(1));
    let tax = OrderChange::SetQuantity { line_id: LineId(1), quantity: quantity(1), tax_amount };
    for change in [unit_price, tax] {
        placed.refuses(Command::Amend(vec![change]), [FOREIGN]);
    }
}

#[test]
fn no_amount_is_negative() {
    let price = line(-1, 1);
    let tax = NewLine { tax_amount: Some(eur(-1)), ..line(1, 1) };
    for negative in [price, tax] {
        assert_eq!(refused(order_of(vec![negative])), [NEGATIVE]);
    }
    for negative in [shipping(-1, 0), shipping(0, -1)] {
        assert_eq!(refused(NewOrder { shipping_lines: vec![negative], ..one_line() }), [NEGATIVE]);
    }
}

#[test]
fn adjustments_start_above_zero() {
    assert_eq!(refused(NewOrder { adjustments: vec![discount(0)], ..one_line() }), [NOTHING]);
    let negative =
        Order::create(order_id(), NewOrder { adjustments: vec![discount(-1)], ..one_line() }, at(0));
    assert_eq!(negative.expect_err("refused").0, [NOTHING, NEGATIVE]);
    for amount in [0, -1, -99] {
        let lines = vec![line(10, 1), line(7, 3)];
        Story::placed(lines).refuses(add(discount(amount)), [NOTHING]);
    }
}

fn add(adjustment: shared_domain::NewAdjustment) -> Command {
    Command::Amend(vec![OrderChange::AddAdjustment(adjustment)])
}

#[test]
fn a_discount_does_not_exceed_what_it_applies_to() {
    let rule = "a discount cannot exceed what it applies to";
    let too_large = |what| Violation::MoneyOutOfRange { what, rule };
    let new = |adjustments| NewOrder {
        adjustments,
        shipping_lines: vec![shipping(50, 9)],
        ..order_of(vec![line(100, 1), line(30, 2)])
    };
    let most = vec![of_line(2, discount(60)), discount(100), of_shipping(discount(50))];
    let story = Story::create(new(most));
    assert_eq!(story.order().totals().total, eur(9), "the tax stays");

    let cases = [
        (vec![of_line(2, discount(61))], "the discount of a line"),
        (vec![of_line(2, discount(60)), of_line(2, discount(1))], "the discount of a line"),
        (vec![discount(161)], "the discount of the order"),
        (vec![of_line(2, discount(60)), discount(101)], "the discount of the order"),
        (vec![of_shipping(discount(51))], "the discount of the shipping cost"),
    ];
    for (adjustments, what) in cases {
        assert_eq!(refused(new(adjustments)), [too_large(what)]);
    }
}

#[test]
fn a_discount_holds_a_price_up() {
    let too_large = Violation::MoneyOutOfRange {
        what: "the discount of a line",
        rule: "a discount cannot exceed what it applies to",
    };
    let draft = Story::create(NewOrder { adjustments: vec![discount(20)], ..order_of(vec![line(10, 4)]) });
    let price = |minor| {
        let (line_id, unit_price) = (LineId(1), eur(minor));
        Command::Amend(vec![OrderChange::SetUnitPrice { line_id, unit_price, tax_amount: None }])
    };
    let placed = draft.then(crate::story::PLACE);
    placed.refuses(price(4), [too_large]);
    assert_eq!(placed.then(price(5)).order().totals().total, eur(0));
}

#[test]
fn an_adjustment_of_a_line_needs_units_to_apply_to() {
    let lines = vec![line(10, 2), line(10, 1)];
    let gone = Command::CancelLines(vec![crate::fixtures::units(1, 2)]);
    let surcharge_on_nothing = Violation::MoneyOutOfRange {
        what: "the surcharge of a line",
        rule: "a line with no units left bears none",
    };
    let draft = NewOrder { adjustments: vec![of_line(1, surcharge(5))], ..order_of(lines.clone()) };
    Story::create(draft.clone()).refuses(gone.clone(), [surcharge_on_nothing.clone()]);
    let left = Story::create(draft).then(crate::story::PLACE).then(gone.clone());
    assert_eq!(left.order().totals().total, eur(10), "after placement it leaves with the units");
    Story::placed(lines).then(gone).refuses(add(of_line(1, surcharge(5))), [surcharge_on_nothing]);
}

#[test]
fn the_number_of_parts_is_limited() {
    let too_many = |what, max| Violation::TooManyLines { what, max };
    let lines = vec![line(1, 1); MAX_LINES];
    let adjustments = vec![discount(1); MAX_ADJUSTMENTS];
    let shipping_lines = vec![shipping(1, 0); MAX_SHIPPING_LINES];
    let full = NewOrder { adjustments, shipping_lines, ..order_of(lines) };
    assert_eq!([MAX_LINES, MAX_ADJUSTMENTS, MAX_SHIPPING_LINES], [500, 100, 20]);
    let story = Story::create(full.clone());

    story.refuses(Command::Amend(vec![OrderChange::AddLine(line(1, 1))]), [too_many("lines", 500)]);
    story.refuses(add(discount(1)), [too_many("adjustments", 100)]);
    let shipping_lines = vec![shipping(1, 0); 21];
    let set_shipping = Command::Amend(vec![OrderChange::SetShipping(shipping_lines)]);
    story.refuses(set_shipping, [too_many("shipping lines", 20)]);

    let mut overfull = full;
    overfull.lines.push(line(1, 1));
    overfull.adjustments.push(discount(1));
    overfull.shipping_lines.push(shipping(1, 0));
    let all = [too_many("lines", 500), too_many("adjustments", 100), too_many("shipping lines", 20)];
    assert_eq!(refused(overfull), all, "all at once");
}

#[test]
fn what_is_changed_has_to_be_there() {
    let no_line = Violation::LineNotFound(LineId(2));
    assert_eq!(
        refused(NewOrder { adjustments: vec![of_line(2, discount(1))], ..one_line() }),
        std::slice::from_ref(&no_line)
    );

    let (line_id, tax_amount) = (LineId(2), None);
    let placed = Story::placed(vec![line(1, 1)]);
    for change in [
        OrderChange::SetQuantity { line_id, quantity: quantity(1), tax_amount },
        OrderChange::RemoveLine { line_id },
        OrderChange::SetUnitPrice { line_id, unit_price: eur(1), tax_amount },
        OrderChange::AddAdjustment(of_line(2, discount(1))),
    ] {
        placed.refuses(Command::Amend(vec![change]), [no_line.clone()]);
    }
    let adjustment_id = AdjustmentId(1);
    let remove = Command::Amend(vec![OrderChange::RemoveAdjustment { adjustment_id }]);
    placed.refuses(remove, [Violation::AdjustmentNotFound(adjustment_id)]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let foreign = NewLine { unit_price: usd(1), ..line(1, 1) };
    let new = NewOrder {
        adjustments: vec![discount(0), of_line(9, discount(2))],
        ..order_of(vec![foreign, line(-1, 1)])
    };
    let refused = Order::create(order_id(), new, at(0)).expect_err("refused").0;
    let wrong = [NOTHING, FOREIGN, NEGATIVE, Violation::LineNotFound(LineId(9))];
    assert!(wrong.iter().all(|violation| refused.contains(violation)), "{refused:?}");

    let (line_id, adjustment_id) = (LineId(8), AdjustmentId(9));
    let changes = vec![
        OrderChange::RemoveLine { line_id },
        OrderChange::SetShippingAddress(address("Bath")),
        OrderChange::RemoveAdjustment { adjustment_id },
        OrderChange::AddLine(line(-1, 1)),
    ];
    let wrong = [Violation::LineNotFound(line_id), Violation::AdjustmentNotFound(adjustment_id), NEGATIVE];
    Story::placed(vec![line(1, 1)]).refuses(Command::Amend(changes), wrong);
}
