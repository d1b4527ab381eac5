//! Spreading adjustments over lines by largest remainder at placement, and taking them back unit by unit. What holds for
//! every order is in [`crate::laws`]; here are amounts worked out by hand.

use shared_domain::{
    AdjustmentId, LineId, MAX_ADJUSTMENTS, MAX_LINES, NewAdjustment, NewLine, NewOrder, OrderChange,
    Violation,
};

use crate::{
    fixtures::{
        digital, discount, eur, line, of_line, of_shipping, order_of, quantity, shipping, surcharge, units,
    },
    story::{CANCEL, Command, PLACE, Story},
};

fn placed(lines: Vec<NewLine>, adjustments: Vec<NewAdjustment>) -> Story {
    Story::create(NewOrder { adjustments, ..order_of(lines) }).then(PLACE)
}

/// The shares of an adjustment, by line.
fn shares(story: &Story, adjustment: u32) -> Vec<(u32, i64)> {
    let found = story.order().adjustments.iter().find(|found| found.id == AdjustmentId(adjustment));
    let allocations = &found.expect("the adjustment").allocations;
    allocations.iter().map(|share| (share.line_id.0, share.amount.minor_units())).collect()
}

fn cancel(line: u32, n: u32) -> Command {
    Command::CancelLines(vec![units(line, n)])
}

#[test]
fn nothing_is_spread_before_placement() {
    let new =
        NewOrder { adjustments: vec![discount(10), of_line(1, discount(2))], ..order_of(vec![line(10, 2)]) };
    let draft = Story::create(new);
    assert_eq!([shares(&draft, 1), shares(&draft, 2)], [vec![], vec![]]);
    assert_eq!(draft.order().totals().discount, eur(12));
}

#[test]
fn the_largest_remainders_get_the_rest() {
    let thirds = placed(vec![line(10, 1), line(10, 1), line(10, 1)], vec![discount(10)]);
    assert_eq!(shares(&thirds, 1), [(1, 4), (2, 3), (3, 3)], "of equal remainders the earlier line's counts");
    let uneven = placed(vec![line(10, 1), line(10, 2), line(10, 4)], vec![discount(9)]);
    assert_eq!(shares(&uneven, 1), [(1, 1), (2, 3), (3, 5)], "9/7, 18/7, 36/7");
    let tiny = placed(vec![line(1, 1), line(998, 1), line(1, 1)], vec![discount(1)]);
    assert_eq!(shares(&tiny, 1), [(2, 1)], "shares of nothing are left out");
}

#[test]
fn an_adjustment_of_one_line_stays_there() {
    let story =
        placed(vec![line(10, 1), line(10, 1)], vec![of_line(2, discount(7)), of_line(1, surcharge(3))]);
    assert_eq!([shares(&story, 1), shares(&story, 2)], [[(2, 7)], [(1, 3)]]);
    assert_eq!(story.order().line_discounts()[1], eur(7));
}

#[test]
fn an_adjustment_of_shipping_is_never_spread() {
    let adjustments = vec![of_shipping(discount(3)), of_shipping(surcharge(1))];
    let new = NewOrder { adjustments, shipping_lines: vec![shipping(5, 0)], ..order_of(vec![line(10, 2)]) };
    let story = Story::create(new).then(PLACE).then(cancel(1, 1));
    assert_eq!([shares(&story, 1), shares(&story, 2)], [vec![], vec![]]);
    assert_eq!(story.order().totals().total, eur(10 + 5 - 3 + 1), "due as long as anything is");
}

#[test]
fn each_discount_is_spread_over_what_the_others_left() {
    let lines = vec![line(10, 1), line(10, 1)];
    let story = placed(lines.clone(), vec![of_line(1, discount(10)), discount(4)]);
    assert_eq!(shares(&story, 2), [(2, 4)]);
    let later = placed(lines.clone(), vec![discount(4), of_line(1, discount(10))]);
    assert_eq!(shares(&later, 1), [(2, 4)], "whatever their order");
    let stacked = placed(lines, vec![discount(5), discount(15)]);
    assert_eq!([shares(&stacked, 1), shares(&stacked, 2)], [[(1, 3), (2, 2)], [(1, 7), (2, 8)]]);
}

#[test]
fn lines_that_cost_nothing_share_a_surcharge_by_units() {
    let story = placed(vec![line(0, 1), digital(0, 3)], vec![surcharge(8)]);
    assert_eq!(shares(&story, 1), [(1, 2), (2, 6)]);
    let priced = placed(vec![line(0, 5), line(10, 1)], vec![surcharge(8)]);
    assert_eq!(shares(&priced, 1), [(2, 8)], "by cost where there is any");
}

#[test]
fn cancelled_units_of_a_draft_bear_nothing() {
    let new = NewOrder { adjustments: vec![discount(10)], ..order_of(vec![line(10, 3), line(10, 1)]) };
    let story = Story::create(new).then(cancel(1, 2)).then(PLACE);
    assert_eq!(shares(&story, 1), [(1, 5), (2, 5)]);
}

#[test]
fn units_take_their_share_along_down_to_the_last() {
    let mut story = placed(vec![line(10, 3), line(10, 1)], vec![discount(13)]);
    assert_eq!(shares(&story, 1), [(1, 10), (2, 3)]);
    for left in [7, 4, 0] {
        story = story.then(cancel(1, 1));
        assert_eq!(shares(&story, 1), [(1, left), (2, 3)]);
        assert_eq!(story.order().adjustments[0].amount, eur(left + 3));
    }
    assert_eq!(story.order().totals().total, eur(7), "the other line pays what it always did");
}

#[test]
fn units_that_leave_together_take_no_more_than_one_by_one() {
    let story = || placed(vec![line(10, 3), line(10, 1)], vec![discount(13)]);
    assert_eq!(shares(&story().then(cancel(1, 2)), 1), [(1, 4), (2, 3)]);
    assert_eq!(shares(&story().then(cancel(1, 3)), 1), [(1, 0), (2, 3)]);
}

#[test]
fn the_discounts_of_a_line_are_taken_back_together() {
    let three_of_one = vec![of_line(1, discount(1)), of_line(1, discount(1)), of_line(1, discount(1))];
    let story = placed(vec![line(1, 3), line(9, 1)], three_of_one).then(cancel(1, 1));
    let left: Vec<_> = (1..=3).flat_map(|id| shares(&story, id)).collect();
    assert_eq!(left, [(1, 1), (1, 1), (1, 0)], "one of three units takes one of three cents");
    assert_eq!(story.order().totals().total, eur(9));
}

#[test]
fn surcharges_leave_with_the_units_too() {
    let story = placed(vec![line(10, 2), line(10, 2)], vec![surcharge(5), discount(5)]).then(cancel(1, 1));
    assert_eq!([shares(&story, 1), shares(&story, 2)], [[(1, 2), (2, 2)], [(1, 2), (2, 2)]]);
    assert_eq!(story.order().totals().total, eur(30));
}

#[test]
fn a_lower_quantity_takes_back_like_a_cancellation_and_a_higher_one_adds_nothing() {
    let set = |units| {
        let (line_id, tax_amount) = (LineId(1), None);
        Command::Amend(vec![OrderChange::SetQuantity { line_id, quantity: quantity(units), tax_amount }])
    };
    let story = placed(vec![line(10, 3), line(10, 1)], vec![discount(13)]);
    let lower = story.then(set(1));
    assert_eq!(shares(&lower, 1), [(1, 4), (2, 3)]);
    assert_eq!(shares(&lower.then(set(9)), 1), [(1, 4), (2, 3)], "frozen at placement");
}

#[test]
fn a_removed_line_takes_back_its_share() {
    let story = placed(vec![line(10, 3), line(10, 1)], vec![discount(13)]);
    let left = story.then(Command::Amend(vec![OrderChange::RemoveLine { line_id: LineId(1) }]));
    assert_eq!((shares(&left, 1), left.order().adjustments[0].amount), (vec![(2, 3)], eur(3)));
}

#[test]
fn an_adjustment_added_after_placement_is_spread_at_once() {
    let story = placed(vec![line(10, 3), line(10, 2)], vec![discount(10)]).then(cancel(1, 2));
    assert_eq!(shares(&story, 1), [(1, 2), (2, 4)]);
    let added = story.then(Command::Amend(vec![OrderChange::AddAdjustment(discount(12))]));
    assert_eq!(shares(&added, 2), [(1, 4), (2, 8)], "over 8 and 16");
    let left = added.then(cancel(1, 1));
    assert_eq!([shares(&left, 1), shares(&left, 2)], [[(1, 0), (2, 4)], [(1, 0), (2, 8)]]);
}

#[test]
fn a_line_of_which_nothing_is_left_goes_on_without_a_share() {
    let story = placed(vec![line(10, 3), line(10, 1)], vec![discount(13)]).then(cancel(1, 3));
    let (line_id, tax_amount) = (LineId(1), None);
    let raise = OrderChange::SetQuantity { line_id, quantity: quantity(5), tax_amount };
    let raised = story.clone().then(Command::Amend(vec![raise]));
    assert_eq!((shares(&raised, 1), raised.order().totals().total), (vec![(1, 0), (2, 3)], eur(20 + 7)));
    let removed = story.then(Command::Amend(vec![OrderChange::RemoveLine { line_id }]));
    assert_eq!((shares(&removed, 1), removed.order().totals().total), (vec![(2, 3)], eur(7)));
}

#[test]
fn an_adjustment_added_after_placement_finds_something_to_be_spread_over() {
    let (line_id, tax_amount) = (LineId(1), None);
    let (remove, add) = (OrderChange::RemoveLine { line_id }, OrderChange::AddLine(line(10, 1)));
    let story = placed(vec![line(10, 1)], vec![]);
    for adjustment in [discount(5), surcharge(5)] {
        let adjust = OrderChange::AddAdjustment(adjustment);
        let too_early = vec![remove.clone(), adjust.clone(), add.clone()];
        story.refuses(Command::Amend(too_early), [Violation::OrderEmpty]);
        let in_time = story.clone().then(Command::Amend(vec![remove.clone(), add.clone(), adjust]));
        assert_eq!(shares(&in_time, 1), [(2, 5)]);
    }
    let price = OrderChange::SetUnitPrice { line_id, unit_price: eur(10), tax_amount };
    let then_priced = vec![OrderChange::AddAdjustment(discount(4)), price];
    let free = placed(vec![line(0, 1), line(0, 3)], vec![]).refusal(Command::Amend(then_priced.clone()));
    assert!(
        matches!(free[..], [Violation::MoneyOutOfRange { what: "the discount of a line", .. }]),
        "{free:?}"
    );
    let priced = placed(vec![line(0, 1)], vec![]).then(Command::Amend(then_priced));
    assert_eq!(shares(&priced, 1), [(1, 4)], "what it comes to in the end counts");
}

#[test]
fn all_the_lines_and_adjustments_there_can_be_add_up() {
    let lines = (0..MAX_LINES).map(|n| line(200 + i64::try_from(n).unwrap(), 2)).collect();
    let adjustments = (0..MAX_ADJUSTMENTS).map(|_| discount(999)).collect();
    let full = placed(lines, adjustments);
    let order = full.order();
    assert_eq!(order.totals().discount, eur(999 * 100));
    assert_eq!(order.adjustments[99].allocations.len(), MAX_LINES);
    let per_line: i64 = order.line_discounts().into_iter().map(|amount| amount.minor_units()).sum();
    assert_eq!(per_line, 999 * 100);

    let more = vec![OrderChange::AddAdjustment(discount(1)); 500];
    full.refuses(
        Command::Amend(more),
        [Violation::TooManyLines { what: "adjustments", max: MAX_ADJUSTMENTS }],
    );
    let cancelled = full.then(CANCEL);
    assert!(cancelled.order().adjustments.iter().all(|adjustment| adjustment.amount == eur(0)));
}
