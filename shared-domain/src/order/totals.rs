//! Totals: exact sums over the units that are not cancelled.

use super::{Adjustment, AdjustmentKind, AdjustmentScope, Line, OrderSnapshot, Violation};
use crate::{Currency, Money, MoneyError};

/// The sums of an order, in its currency. `total = subtotal + shipping + surcharge - discount + tax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Unit price times quantity over all lines.
    pub subtotal: Money,
    /// All discounts.
    pub discount: Money,
    /// All surcharges.
    pub surcharge: Money,
    /// All shipping lines.
    pub shipping: Money,
    /// Tax of lines and shipping lines.
    pub tax: Money,
    /// What the order costs.
    pub total: Money,
}

impl Totals {
    /// Nothing of anything.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { subtotal: zero, discount: zero, surcharge: zero, shipping: zero, tax: zero, total: zero }
    }

    /// The sums of an order as it stands. Once no unit is left, nothing is due.
    ///
    /// # Errors
    /// [`Violation::MoneyOutOfRange`] if a sum is too large or a discount is larger than what it applies to.
    pub(crate) fn of(order: &OrderSnapshot) -> Result<Self, Violation> {
        let currency = order.currency;
        if order.lines.iter().all(|line| line.live() == 0) {
            return Ok(Self::zero(currency));
        }
        check_discounts(order)?;
        check_surcharges(order)?;

        let minor = |money: Money| i128::from(money.minor_units());
        let shipping: i128 = order.shipping_lines.iter().map(|line| minor(line.amount)).sum();
        let shipping_tax: i128 = order.shipping_lines.iter().map(|line| minor(line.tax_amount)).sum();
        let subtotal: i128 = order.lines.iter().map(Line::subtotal).sum();
        let tax = shipping_tax + order.lines.iter().map(Line::tax).sum::<i128>();
        let (mut discount, mut surcharge) = (0, 0);
        for adjustment in &order.adjustments {
            match adjustment.kind {
                AdjustmentKind::Discount => discount += minor(adjustment.amount),
                AdjustmentKind::Surcharge => surcharge += minor(adjustment.amount),
            }
        }
        let sum = |what: &'static str, minor_units: i128| in_range(what, Money::exact(minor_units, currency));
        Ok(Self {
            subtotal: sum("subtotal", subtotal)?,
            discount: sum("discount", discount)?,
            surcharge: sum("surcharge", surcharge)?,
            shipping: sum("shipping", shipping)?,
            tax: sum("tax", tax)?,
            total: sum("total", subtotal + shipping + surcharge - discount + tax)?,
        })
    }
}

fn in_range(what: &'static str, money: Result<Money, MoneyError>) -> Result<Money, Violation> {
    money.map_err(|_| Violation::MoneyOutOfRange { what, rule: "at most 10^15 minor units" })
}

/// What the discounts that were allocated to the lines, or apply to one alone, take off their units that are not cancelled:
/// one number per line, in minor units. One walk over all shares, since an order can have 50,000 of them.
pub(crate) fn line_discounts(order: &OrderSnapshot) -> Vec<i128> {
    let mut discounts = vec![0; order.lines.len()];
    for discount in order.adjustments.iter().filter(|adjustment| adjustment.kind == AdjustmentKind::Discount)
    {
        add_shares(order, discount, &mut discounts);
    }
    discounts
}

/// Adds what an adjustment comes to on each line.
pub(crate) fn add_shares(order: &OrderSnapshot, adjustment: &Adjustment, sums: &mut [i128]) {
    if let (AdjustmentScope::Line(id), []) = (adjustment.scope, adjustment.allocations.as_slice())
        && let Ok(at) = order.lines.binary_search_by_key(&id, |line| line.id)
    {
        sums[at] += i128::from(adjustment.amount.minor_units());
    }
    let mut lines = order.lines.iter().zip(sums).peekable();
    for share in &adjustment.allocations {
        while lines.next_if(|(line, _)| line.id < share.line_id).is_some() {}
        if let Some((_, sum)) = lines.next_if(|(line, _)| line.id == share.line_id) {
            *sum += i128::from(share.amount.minor_units());
        }
    }
}

/// A discount cannot be larger than what it applies to: a line, all lines, or the shipping cost.
fn check_discounts(order: &OrderSnapshot) -> Result<(), Violation> {
    let too_large =
        |what| Violation::MoneyOutOfRange { what, rule: "a discount cannot exceed what it applies to" };
    let exceed = |discounts: i128, cost: i128| discounts > cost.max(0);
    if order.lines.iter().zip(line_discounts(order)).any(|(line, discount)| exceed(discount, line.subtotal()))
    {
        return Err(too_large("the discount of a line"));
    }
    let discounts = |of_shipping: bool| -> i128 {
        let applies = |a: &&Adjustment| {
            a.kind == AdjustmentKind::Discount && (a.scope == AdjustmentScope::Shipping) == of_shipping
        };
        order.adjustments.iter().filter(applies).map(|a| i128::from(a.amount.minor_units())).sum()
    };
    if exceed(discounts(false), order.lines.iter().map(Line::subtotal).sum()) {
        return Err(too_large("the discount of the order"));
    }
    let shipping: i128 = order.shipping_lines.iter().map(|line| i128::from(line.amount.minor_units())).sum();
    if exceed(discounts(true), shipping) {
        return Err(too_large("the discount of the shipping cost"));
    }
    Ok(())
}

/// A surcharge of a line needs units of it to apply to. Placed orders keep to it by themselves, for a surcharge leaves with
/// the units.
fn check_surcharges(order: &OrderSnapshot) -> Result<(), Violation> {
    let on_nothing = |adjustment: &Adjustment| match adjustment.scope {
        AdjustmentScope::Line(id) => {
            adjustment.kind == AdjustmentKind::Surcharge
                && adjustment.amount.minor_units() > 0
                && order.line(id).is_some_and(|line| line.live() == 0)
        }
        AdjustmentScope::Order | AdjustmentScope::Shipping => false,
    };
    if order.adjustments.iter().any(on_nothing) {
        let (what, rule) = ("the surcharge of a line", "a line with no units left bears none");
        return Err(Violation::MoneyOutOfRange { what, rule });
    }
    Ok(())
}
