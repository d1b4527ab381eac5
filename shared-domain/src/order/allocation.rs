//! Spreading an adjustment over lines by largest remainder, and taking shares back: whole minor units that add up exactly.

use super::{Adjustment, AdjustmentKind, AdjustmentScope, Allocation, OrderSnapshot};
use crate::{Currency, LineId, Money};

/// The shares of an adjustment as the order stands; none for one of the scope SHIPPING. `discounts` is what each line has off
/// already, as [`super::totals::line_discounts`] tells it.
///
/// An adjustment of the whole order is spread in proportion to what the lines cost after the discounts allocated so far, so
/// that no line gets more off than it costs; over lines that cost nothing, in proportion to their units.
pub(crate) fn allocate(
    order: &OrderSnapshot,
    adjustment: &Adjustment,
    discounts: &[i128],
) -> Vec<Allocation> {
    match adjustment.scope {
        AdjustmentScope::Shipping => vec![],
        AdjustmentScope::Line(line_id) => vec![Allocation { line_id, amount: adjustment.amount }],
        AdjustmentScope::Order => {
            let lines = order.lines.iter().zip(discounts);
            let mut weights: Vec<_> =
                lines.map(|(line, discount)| (line.id, (line.subtotal() - discount).max(0))).collect();
            if weights.iter().all(|(_, weight)| *weight == 0) {
                weights = order.lines.iter().map(|line| (line.id, i128::from(line.live()))).collect();
            }
            let shares = largest_remainder(adjustment.amount.minor_units(), &weights);
            let money = |minor| Money::sum(minor, order.currency);
            shares.into_iter().map(|(line_id, minor)| Allocation { line_id, amount: money(minor) }).collect()
        }
    }
}

/// Takes the share of `taken` units of a line off what is allocated to it, before they leave. All discounts of the line are
/// cut together, and all surcharges, so that the discounts left never exceed what the units left cost; the last unit takes
/// what remains.
pub(crate) fn take_back(order: &mut OrderSnapshot, line_id: LineId, taken: u32) {
    let Some(live) = order.line(line_id).map(|line| i128::from(line.live())).filter(|live| *live > 0) else {
        return;
    };
    let (taken, currency) = (i128::from(taken), order.currency);
    for kind in [AdjustmentKind::Discount, AdjustmentKind::Surcharge] {
        let (mut allocated, mut taken_back) = (0i128, 0i128);
        for adjustment in order.adjustments.iter_mut().filter(|adjustment| adjustment.kind == kind) {
            let mut adjustment_less = 0;
            let share = adjustment.allocations.binary_search_by_key(&line_id, |share| share.line_id);
            if let Some(share) = share.ok().map(|at| &mut adjustment.allocations[at]) {
                allocated += i128::from(share.amount.minor_units());
                let less = allocated * taken / live - taken_back;
                taken_back += less;
                adjustment_less += less;
                share.amount = less_than(share.amount, less, currency);
            }
            adjustment.amount = less_than(adjustment.amount, adjustment_less, currency);
        }
    }
}

fn less_than(amount: Money, less: i128, currency: Currency) -> Money {
    let less = i64::try_from(less).expect("no more than the amount");
    Money::sum(amount.minor_units() - less, currency)
}

/// Splits `amount` in proportion to the weights. Of equal remainders the earlier one is served first. Shares of nothing are
/// left out; if nothing has any weight there are no shares.
fn largest_remainder(amount: i64, weights: &[(LineId, i128)]) -> Vec<(LineId, i64)> {
    let whole: i128 = weights.iter().map(|(_, weight)| weight).sum();
    if whole == 0 {
        return vec![];
    }
    let amount = i128::from(amount);
    let mut shares: Vec<_> = weights.iter().map(|(line, w)| (*line, mul_div(amount, *w, whole))).collect();
    let rest = amount - shares.iter().map(|(_, (quotient, _))| quotient).sum::<i128>();
    let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
    by_remainder.sort_by_key(|i| std::cmp::Reverse(shares[*i].1.1));
    for i in by_remainder.into_iter().take(usize::try_from(rest).expect("fewer than there are shares")) {
        shares[i].1.0 += 1;
    }
    let minor = |share: i128| i64::try_from(share).expect("no more than the amount");
    shares.into_iter().filter(|(_, (q, _))| *q > 0).map(|(line, (q, _))| (line, minor(q))).collect()
}

/// Quotient and remainder of `a * b / c`. `a` is an amount and `b` at most 500 times one times a million, so the product
/// fits 127 bits.
fn mul_div(a: i128, b: i128, c: i128) -> (i128, i128) {
    (a * b / c, a * b % c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(amount: i64, weights: &[i128]) -> Vec<i64> {
        let numbered: Vec<_> = weights.iter().zip(1..).map(|(weight, id)| (LineId(id), *weight)).collect();
        largest_remainder(amount, &numbered).into_iter().map(|(_, share)| share).collect()
    }

    #[test]
    fn the_largest_remainders_get_the_rest() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(10, &[1, 2, 3]), [2, 3, 5]);
        assert_eq!(split(7, &[999, 1]), [7]);
        assert_eq!(split(7, &[0, 0]), [0i64; 0]);
        assert_eq!(split(Money::MAX, &[i128::from(Money::MAX), i128::from(Money::MAX)]), [Money::MAX / 2; 2]);
    }
}
