//! Totals: exact to the last minor unit, up to the largest amount.

use shared_domain::{
    LineId, Money, NewAdjustment, NewLine, NewOrder, Order, OrderChange, ShippingLine, Violation,
};

use crate::{
    fixtures::{
        at, capture, digital, discount, eur, line, on, order_id, order_of, shipping, surcharge, taxed, units,
    },
    story::{Command, PLACE, Story},
};

fn too_large(what: &'static str) -> Violation {
    Violation::MoneyOutOfRange { what, rule: "at most 10^15 minor units" }
}

#[test]
fn the_total_is_made_of_all_its_parts() {
    let new = NewOrder {
        adjustments: vec![discount(7), surcharge(2)],
        shipping_lines: vec![shipping(11, 3), shipping(1, 0)],
        ..order_of(vec![taxed(line(10, 3), 5), digital(4, 1)])
    };
    let totals = Story::create(new).order().totals();
    assert_eq!([totals.subtotal, totals.discount, totals.surcharge], [eur(34), eur(7), eur(2)]);
    assert_eq!([totals.shipping, totals.tax, totals.total], [eur(12), eur(8), eur(34 - 7 + 2 + 12 + 8)]);
}

#[test]
fn cancelled_units_take_whole_minor_units_of_tax_along_and_the_last_one_the_rest() {
    let mut story = Story::placed(vec![taxed(line(10, 3), 10), taxed(line(1, 1), 1)]);
    for tax in [11, 8, 5, 1] {
        assert_eq!(story.order().totals().tax, eur(tax));
        if tax > 1 {
            story = story.then(Command::CancelLines(vec![units(1, 1)]));
        }
    }
}

#[test]
fn nothing_is_due_for_nothing() {
    let new = || NewOrder {
        shipping_lines: vec![shipping(11, 3)],
        adjustments: vec![surcharge(9)],
        ..order_of(vec![])
    };
    let empty = Story::create(new());
    assert_eq!(empty.order().totals().total, eur(0));
    let added = empty.then(Command::Amend(vec![OrderChange::AddLine(line(1, 1))]));
    assert_eq!(added.order().totals().total, eur(1 + 11 + 3 + 9));
}

#[test]
fn sums_reach_the_largest_amount_and_no_further() {
    let max = Money::MAX;
    let new = |lines, adjustments: Vec<NewAdjustment>, shipping_lines: Vec<ShippingLine>| {
        Order::create(order_id(), NewOrder { adjustments, shipping_lines, ..order_of(lines) }, at(0))
            .map(|order| order.snapshot().totals().total)
            .map_err(|rejected| rejected.0)
    };
    assert_eq!(new(vec![line(max, 1)], vec![], vec![]), Ok(eur(max)));
    let refused: [(_, Vec<NewLine>, _, _); 6] = [
        ("subtotal", vec![line(max, 2)], vec![], vec![]),
        ("subtotal", vec![line(max, 1_000_000); 500], vec![], vec![]),
        ("surcharge", vec![line(1, 1)], vec![surcharge(max), surcharge(1)], vec![]),
        ("shipping", vec![line(1, 1)], vec![], vec![shipping(max, 0), shipping(1, 0)]),
        ("tax", vec![taxed(line(1, 1), max)], vec![], vec![shipping(0, 1)]),
        ("total", vec![line(max, 1)], vec![], vec![shipping(1, 0)]),
    ];
    for (what, lines, adjustments, shipping_lines) in refused {
        assert_eq!(new(lines, adjustments, shipping_lines), Err(vec![too_large(what)]));
    }
}

#[test]
fn a_placed_order_does_not_outgrow_them_either() {
    let placed = Story::placed(vec![line(Money::MAX, 1)]);
    let more = |change| Command::Amend(vec![change]);
    placed.refuses(more(OrderChange::AddLine(line(1, 1))), [too_large("subtotal")]);
    placed.refuses(more(OrderChange::AddAdjustment(surcharge(1))), [too_large("total")]);
    placed.refuses(more(OrderChange::SetShipping(vec![shipping(0, 1)])), [too_large("total")]);
    let (line_id, unit_price) = (LineId(1), eur(Money::MAX));
    let tax_amount = Some(eur(1));
    let price = OrderChange::SetUnitPrice { line_id, unit_price, tax_amount };
    placed.refuses(more(price), [too_large("total")]);
}

#[test]
fn discounts_of_the_largest_amount_are_spread_exactly() {
    let half = Money::MAX / 2;
    let adjustments = vec![discount(Money::MAX - 1)];
    let new = NewOrder { adjustments, ..order_of(vec![line(half / 1000, 1000), line(half, 1)]) };
    let placed = Story::create(new).then(PLACE);
    assert_eq!(placed.order().totals().total, eur(1));
    let shares = |story: &Story| {
        let allocations = &story.order().adjustments[0].allocations;
        allocations.iter().map(|share| share.amount.minor_units()).collect::<Vec<_>>()
    };
    assert_eq!(shares(&placed), [half, half - 1]);
    assert_eq!(shares(&placed.then(Command::CancelLines(vec![units(1, 999)]))), [half / 1000, half - 1]);
}

#[test]
fn a_balance_holds_all_the_payments_there_can_be() {
    let pay = |n: u32| on(&format!("pay-{n}"), capture(Money::MAX, &format!("c-{n}")));
    let story = Story::placed(vec![line(1, 1)]).then_all((1..=50).map(|n| Command::Record(pay(n))));
    assert_eq!(story.order().balance().minor_units(), 1 - 50 * Money::MAX);
}
