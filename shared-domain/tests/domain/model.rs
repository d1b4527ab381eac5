//! What is derived from an order, computed a second time and differently: plainly, from the definitions.

use shared_domain::{
    Adjustment, AdjustmentKind, AdjustmentScope, FulfillmentState, Line, LineId, OrderSnapshot, Payment,
    PaymentState, TransactionKind, TransactionState,
};

/// `[subtotal, discount, surcharge, shipping, tax, total]` in minor units.
pub(crate) fn totals(order: &OrderSnapshot) -> [i64; 6] {
    if order.lines.iter().all(|line| line.ordered == line.cancelled) {
        return [0; 6];
    }
    let subtotal: i64 = order.lines.iter().map(subtotal).sum();
    let adjusted =
        |kind| order.adjustments.iter().filter(move |a| a.kind == kind).map(|a| a.amount.minor_units());
    let discount: i64 = adjusted(AdjustmentKind::Discount).sum();
    let surcharge: i64 = adjusted(AdjustmentKind::Surcharge).sum();
    let shipping: i64 = order.shipping_lines.iter().map(|line| line.amount.minor_units()).sum();
    let shipping_tax: i64 = order.shipping_lines.iter().map(|line| line.tax_amount.minor_units()).sum();
    let tax = shipping_tax + order.lines.iter().map(tax).sum::<i64>();
    [subtotal, discount, surcharge, shipping, tax, subtotal + shipping + surcharge - discount + tax]
}

pub(crate) fn live(line: &Line) -> i64 {
    i64::from(line.ordered) - i64::from(line.cancelled)
}

pub(crate) fn subtotal(line: &Line) -> i64 {
    line.unit_price.minor_units() * live(line)
}

/// The tax on the units that are left, rounded up: what leaves takes whole minor units, what stays bears the rest.
fn tax(line: &Line) -> i64 {
    let exact = i128::from(line.tax_amount.minor_units()) * i128::from(live(line));
    i64::try_from((exact + i128::from(line.ordered) - 1) / i128::from(line.ordered))
        .expect("no more than the tax")
}

/// What adjustments of a kind have allocated to a line.
pub(crate) fn allocated(order: &OrderSnapshot, kind: AdjustmentKind, line: LineId) -> i64 {
    let adjustments = order.adjustments.iter().filter(|adjustment| adjustment.kind == kind);
    let shares = adjustments.flat_map(|adjustment| &adjustment.allocations);
    shares.filter(|share| share.line_id == line).map(|share| share.amount.minor_units()).sum()
}

/// What an adjustment has allocated to all lines.
pub(crate) fn allocated_of(adjustment: &Adjustment) -> i64 {
    adjustment.allocations.iter().map(|share| share.amount.minor_units()).sum()
}

/// The discounts of a line: those allocated to it, and before placement those that are for it alone.
pub(crate) fn line_discount(order: &OrderSnapshot, line: &Line) -> i64 {
    if order.times.place.is_some() {
        return allocated(order, AdjustmentKind::Discount, line.id);
    }
    let own = order.adjustments.iter().filter(|adjustment| {
        adjustment.kind == AdjustmentKind::Discount && adjustment.scope == AdjustmentScope::Line(line.id)
    });
    own.map(|adjustment| adjustment.amount.minor_units()).sum()
}

fn sum_of(payment: &Payment, kind: TransactionKind) -> i64 {
    let transactions = payment.transactions.iter();
    let counted = transactions.filter(|t| t.kind == kind && t.state == TransactionState::Succeeded);
    counted.map(|transaction| transaction.amount.minor_units()).sum()
}

fn captured(order: &OrderSnapshot) -> i64 {
    order.payments.iter().map(|payment| sum_of(payment, TransactionKind::Capture)).sum()
}

fn refunded(order: &OrderSnapshot) -> i64 {
    let given_back =
        |payment| sum_of(payment, TransactionKind::Refund) + sum_of(payment, TransactionKind::Chargeback);
    order.payments.iter().map(given_back).sum()
}

pub(crate) fn balance(order: &OrderSnapshot) -> i64 {
    totals(order)[5] - (captured(order) - refunded(order))
}

/// The first line that holds.
pub(crate) fn payment_state(order: &OrderSnapshot) -> PaymentState {
    let (t, c, r) = (totals(order)[5], captured(order), refunded(order));
    let n = c - r;
    let open = |payment| {
        let authorized = sum_of(payment, TransactionKind::Authorization);
        let gone = sum_of(payment, TransactionKind::Void) + sum_of(payment, TransactionKind::Capture);
        if authorized > gone { authorized - gone } else { 0 }
    };
    let a: i64 = order.payments.iter().map(open).sum();
    let lines = [
        (t == 0 && c == 0, PaymentState::NotRequired),
        (c > 0 && r == c, PaymentState::Refunded),
        (n > t, PaymentState::Overpaid),
        (n == t && r > 0, PaymentState::PartiallyRefunded),
        (n == t, PaymentState::Paid),
        (0 < n && n < t, PaymentState::PartiallyPaid),
        (a > 0 && a >= t, PaymentState::Authorized),
        (0 < a && a < t, PaymentState::PartiallyAuthorized),
        (true, PaymentState::Unpaid),
    ];
    lines.into_iter().find(|(holds, _)| *holds).expect("the last one holds").1
}

/// The first line that holds, over the lines that need shipping, net of cancelled units.
pub(crate) fn fulfillment_state(order: &OrderSnapshot) -> FulfillmentState {
    let lines: Vec<_> = order.lines.iter().filter(|line| line.requires_shipping && live(line) > 0).collect();
    let all: i64 = lines.iter().map(|line| live(line)).sum();
    let shipped: i64 = lines.iter().map(|line| i64::from(line.shipped)).sum();
    let delivered: i64 = lines.iter().map(|line| i64::from(line.delivered)).sum();
    let lines = [
        (lines.is_empty(), FulfillmentState::NotRequired),
        (delivered == all, FulfillmentState::Delivered),
        (delivered > 0, FulfillmentState::PartiallyDelivered),
        (shipped == all, FulfillmentState::Shipped),
        (shipped > 0, FulfillmentState::PartiallyShipped),
        (true, FulfillmentState::Unfulfilled),
    ];
    lines.into_iter().find(|(holds, _)| *holds).expect("the last one holds").1
}
