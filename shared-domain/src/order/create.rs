//! CreateOrder: an order comes to be, as a draft.

use super::{
    Adjustment, AdjustmentScope, Details, Line, MAX_ADJUSTMENTS, MAX_LINES, MAX_SHIPPING_LINES,
    NewAdjustment, NewLine, Order, OrderSnapshot, OrderState, Rejected, ShippingLine, Times, Totals,
    Violation, violation::Violations,
};
use crate::{
    Address, AdjustmentId, Channel, Currency, CustomerId, ExternalReference, LineId, Money, OrderId,
    TimeExt as _, Timestamp,
};

/// A draft as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Where it comes from.
    pub channel: Option<Channel>,
    /// Who orders.
    pub customer_id: Option<CustomerId>,
    /// Its id in another system.
    pub external_reference: Option<ExternalReference>,
    /// What can change in any state.
    pub details: Details,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// The currency of every amount.
    pub currency: Currency,
    /// What is ordered; the lines are numbered from 1.
    pub lines: Vec<NewLine>,
    /// Discounts and surcharges, numbered from 1.
    pub adjustments: Vec<NewAdjustment>,
    /// What shipping costs.
    pub shipping_lines: Vec<ShippingLine>,
}

impl Order {
    /// A new draft, of version 1.
    ///
    /// # Errors
    /// Amounts in another currency, adjustments of nothing, adjustments of lines that are not there, more parts than an order can have, and sums
    /// out of range.
    pub fn create(id: OrderId, new: NewOrder, now: Timestamp) -> Result<Self, Rejected> {
        let now = now.micros();
        let mut violations = Violations::default();
        new.adjustments.iter().for_each(|adjustment| {
            violations.note(adjustment.check());
        });
        let draft = OrderSnapshot {
            id,
            version: 1,
            number: None,
            state: OrderState::Draft,
            hold: None,
            channel: new.channel,
            customer_id: new.customer_id,
            external_reference: new.external_reference,
            details: new.details,
            shipping_address: new.shipping_address,
            currency: new.currency,
            last_line_id: count(&new.lines),
            last_adjustment_id: count(&new.adjustments),
            lines: new.lines.into_iter().zip(1..).map(|(line, id)| Line::new(LineId(id), line)).collect(),
            adjustments: new
                .adjustments
                .into_iter()
                .zip(1..)
                .map(|(a, id)| a.numbered(AdjustmentId(id)))
                .collect(),
            shipping_lines: new.shipping_lines,
            payments: vec![],
            shipments: vec![],
            cancellation: None,
            times: Times {
                create: now,
                update: now,
                place: None,
                confirm: None,
                complete: None,
                cancel: None,
            },
        };
        violations.extend(draft.check_contents());
        violations.none()?;
        Ok(Self::created(draft))
    }
}

/// How many there are; the number of the last one, if they are numbered from 1.
pub(super) fn count<T>(parts: &[T]) -> u32 {
    u32::try_from(parts.len()).unwrap_or(u32::MAX)
}

impl OrderSnapshot {
    /// The rules of what is ordered and what it costs, that hold in every state.
    pub(super) fn check_contents(&self) -> Violations {
        let mut violations = Violations::default();
        let counts = [
            ("lines", self.lines.len(), MAX_LINES),
            ("adjustments", self.adjustments.len(), MAX_ADJUSTMENTS),
            ("shipping lines", self.shipping_lines.len(), MAX_SHIPPING_LINES),
        ];
        for (what, count, max) in counts {
            violations.add_if(count > max, Violation::TooManyLines { what, max });
        }
        if counts.iter().any(|(_, count, max)| count > max) {
            return violations;
        }
        for amount in self.amounts() {
            violations.note(self.check_currency(amount));
            let negative = Violation::MoneyOutOfRange { what: "an amount", rule: "not negative" };
            violations.add_if(amount.is_negative(), negative);
        }
        for adjustment in &self.adjustments {
            violations.note(self.check_scope(adjustment));
        }
        violations.note(Totals::of(self));
        violations
    }

    fn amounts(&self) -> impl Iterator<Item = Money> {
        let lines = self.lines.iter().flat_map(|line| [line.unit_price, line.tax_amount]);
        let adjustments = self.adjustments.iter().map(|adjustment| adjustment.amount);
        lines
            .chain(adjustments)
            .chain(self.shipping_lines.iter().flat_map(|line| [line.amount, line.tax_amount]))
    }

    pub(super) fn check_currency(&self, amount: Money) -> Result<(), Violation> {
        if amount.currency() == self.currency {
            return Ok(());
        }
        Err(Violation::CurrencyMismatch { given: amount.currency(), order: self.currency })
    }

    fn check_scope(&self, adjustment: &Adjustment) -> Result<(), Violation> {
        match adjustment.scope {
            AdjustmentScope::Line(id) if self.line(id).is_none() => Err(Violation::LineNotFound(id)),
            _ => Ok(()),
        }
    }
}
