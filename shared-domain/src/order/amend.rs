//! AmendOrder: a list of changes to what is ordered and what it costs, of which all happen or none.

use super::{
    AdjustmentScope, CommandKind, Event, Line, MAX_ADJUSTMENTS, MAX_LINES, NewAdjustment, NewLine, Order,
    OrderState, Rejected, ShippingLine, Totals, Violation, allocation::allocate, totals::line_discounts,
    violation::Violations,
};
use crate::{Address, AdjustmentId, LineId, Money, Quantity, Timestamp};

/// One change of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are what the variants say")]
pub enum OrderChange {
    /// Adds a line.
    AddLine(NewLine),
    /// Sets the units ordered of a line, and the tax on all of them.
    SetQuantity { line_id: LineId, quantity: Quantity, tax_amount: Option<Money> },
    /// Removes a line and the adjustments that apply to it alone.
    RemoveLine { line_id: LineId },
    /// Sets the price of a line, and the tax on all its units.
    SetUnitPrice { line_id: LineId, unit_price: Money, tax_amount: Option<Money> },
    /// Adds a discount or a surcharge.
    AddAdjustment(NewAdjustment),
    /// Removes a discount or a surcharge.
    RemoveAdjustment { adjustment_id: AdjustmentId },
    /// Sets the shipping cost.
    SetShipping(Vec<ShippingLine>),
    /// Sets the shipping address.
    SetShippingAddress(Address),
}

impl Order {
    /// Makes all the changes, one after the other.
    ///
    /// # Errors
    /// What each change breaks, and what the order as changed breaks; then none of them happened.
    pub fn amend(&mut self, changes: Vec<OrderChange>, now: Timestamp) -> Result<(), Rejected> {
        self.check_state(CommandKind::AmendOrder)?;
        let mut amended = self.clone();
        let mut violations = Violations::default();
        for change in changes {
            if let Some(event) = violations.note(amended.event_of(change)) {
                amended.record(event, now);
            }
        }
        violations.extend(amended.snapshot.check_contents());
        if amended.snapshot.state != OrderState::Draft {
            violations.extend(amended.missing_for_placement());
        }
        violations.none()?;
        *self = amended;
        Ok(())
    }

    fn event_of(&self, change: OrderChange) -> Result<Event, Violation> {
        let order = &self.snapshot;
        let tax = |given: Option<Money>| given.unwrap_or(Money::zero(order.currency));
        Ok(match change {
            OrderChange::AddLine(new) => {
                room_for_one("lines", order.lines.len(), MAX_LINES)?;
                Event::LineAdded(Line::new(LineId(order.last_line_id + 1), new))
            }
            OrderChange::SetQuantity { line_id, quantity, tax_amount } => {
                let (line, requested) = (self.existing_line(line_id)?, quantity.units());
                if requested < line.committed() {
                    let committed = line.committed();
                    return Err(Violation::QuantityBelowCommitted { line: line_id, requested, committed });
                }
                Event::LineQuantitySet { line_id, quantity: requested, tax_amount: tax(tax_amount) }
            }
            OrderChange::RemoveLine { line_id } => {
                if self.existing_line(line_id)?.in_shipment > 0 {
                    return Err(Violation::LineHasShipments(line_id));
                }
                Event::LineRemoved { line_id }
            }
            OrderChange::SetUnitPrice { line_id, unit_price, tax_amount } => {
                self.existing_line(line_id)?;
                Event::LineUnitPriceSet { line_id, unit_price, tax_amount: tax(tax_amount) }
            }
            OrderChange::AddAdjustment(new) => self.adjustment_added(new)?,
            OrderChange::RemoveAdjustment { adjustment_id } => {
                if !order.adjustments.iter().any(|adjustment| adjustment.id == adjustment_id) {
                    return Err(Violation::AdjustmentNotFound(adjustment_id));
                }
                Event::AdjustmentRemoved { adjustment_id }
            }
            OrderChange::SetShipping(lines) => Event::ShippingSet(lines),
            OrderChange::SetShippingAddress(address) => {
                if order.shipments.iter().any(|shipment| shipment.ship_time.is_some()) {
                    return Err(Violation::AddressLocked);
                }
                Event::ShippingAddressSet(address)
            }
        })
    }

    pub(super) fn existing_line(&self, id: LineId) -> Result<&Line, Violation> {
        self.snapshot.line(id).ok_or(Violation::LineNotFound(id))
    }

    /// After placement an adjustment is spread over the lines at once, as they stand; there has to be something left of one.
    fn adjustment_added(&self, new: NewAdjustment) -> Result<Event, Violation> {
        let order = &self.snapshot;
        room_for_one("adjustments", order.adjustments.len(), MAX_ADJUSTMENTS)?;
        if let AdjustmentScope::Line(id) = new.scope {
            self.existing_line(id)?;
        }
        order.check_currency(new.amount)?;
        new.check()?;
        let mut adjustment = new.numbered(AdjustmentId(order.last_adjustment_id + 1));
        if order.is_placed() {
            Totals::of(order)?;
            adjustment.allocations = allocate(order, &adjustment, &line_discounts(order));
            if adjustment.scope == AdjustmentScope::Order && adjustment.allocations.is_empty() {
                return Err(Violation::OrderEmpty);
            }
        }
        Ok(Event::AdjustmentAdded(adjustment))
    }
}

fn room_for_one(what: &'static str, count: usize, max: usize) -> Result<(), Violation> {
    if count < max { Ok(()) } else { Err(Violation::TooManyLines { what, max }) }
}
