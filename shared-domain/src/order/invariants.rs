//! What every order keeps at all times. The verbs see to it; it is asserted again when an order is restored, so that damage
//! is noticed where it is read and does not spread.

use super::{AdjustmentScope, OrderSnapshot, OrderState, create::count};

/// An order that cannot be: it was damaged in storage, or a rule has a hole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("order {order} at version {version} is damaged: {what}")]
pub struct BrokenInvariant {
    /// Which order.
    pub order: crate::OrderId,
    /// At which version.
    pub version: u64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// What is wrong if it does not hold, and whether it holds.
type Check = (&'static str, fn(&OrderSnapshot) -> bool);

impl OrderSnapshot {
    /// Checks what every order keeps.
    ///
    /// # Errors
    /// [`BrokenInvariant`] naming the first that does not hold.
    pub fn check_invariants(&self) -> Result<(), BrokenInvariant> {
        let broken = |what| BrokenInvariant { order: self.id, version: self.version, what };
        let checks: [Check; 8] = [
            ("versions start at 1", |order| order.version >= 1),
            ("a quantity ledger does not add up", Self::quantities_add_up),
            ("parts are not numbered one after the other", Self::numbers_follow),
            ("the contents break a rule", |order| order.check_contents().none().is_ok()),
            ("a payment is in another currency", Self::payments_are_in_its_currency),
            ("allocations do not sum to their adjustment", Self::allocations_add_up),
            ("the state does not fit the quantities", Self::state_fits),
            ("shipments and lines disagree", Self::shipments_fit),
        ];
        match checks.into_iter().find(|(_, holds)| !holds(self)) {
            Some((what, _)) => Err(broken(what)),
            None => Ok(()),
        }
    }

    fn quantities_add_up(&self) -> bool {
        self.lines.iter().all(|line| {
            line.ordered >= 1
                && u64::from(line.cancelled) + u64::from(line.in_shipment) <= u64::from(line.ordered)
                && line.shipped <= line.in_shipment
                && line.delivered <= line.shipped
        })
    }

    /// Lines and adjustments can be removed and leave gaps; the rest is numbered from 1 without any.
    fn numbers_follow(&self) -> bool {
        let transactions = self.payments.iter().flat_map(|payment| &payment.transactions);
        let mut transactions: Vec<_> = transactions.map(|transaction| transaction.id.0).collect();
        transactions.sort_unstable();
        self.lines.is_sorted_by(|a, b| a.id < b.id)
            && self.lines.last().is_none_or(|line| line.id.0 <= self.last_line_id)
            && self.adjustments.is_sorted_by(|a, b| a.id < b.id)
            && self.adjustments.last().is_none_or(|adjustment| adjustment.id.0 <= self.last_adjustment_id)
            && self.payments.iter().map(|payment| payment.id.0).eq(1..=count(&self.payments))
            && self.shipments.iter().map(|shipment| shipment.id.0).eq(1..=count(&self.shipments))
            && transactions.iter().copied().eq(1..=count(&transactions))
    }

    fn payments_are_in_its_currency(&self) -> bool {
        self.payments.iter().all(|payment| {
            let mut amounts = payment.transactions.iter().map(|transaction| transaction.amount);
            amounts.all(|amount| amount.currency() == self.currency)
                && payment.planned_amount.is_none_or(|planned| planned.currency() == self.currency)
        })
    }

    /// Since placement, whatever is not on the shipping cost is spread over lines that are there.
    fn allocations_add_up(&self) -> bool {
        self.adjustments.iter().all(|adjustment| {
            let shares = &adjustment.allocations;
            if !self.is_placed() || adjustment.scope == AdjustmentScope::Shipping {
                return shares.is_empty();
            }
            let sum: i64 = shares.iter().map(|share| share.amount.minor_units()).sum();
            sum == adjustment.amount.minor_units()
                && shares.is_sorted_by(|a, b| a.line_id < b.line_id)
                && shares.iter().all(|share| {
                    self.line(share.line_id).is_some() && share.amount.currency() == self.currency
                })
        })
    }

    fn state_fits(&self) -> bool {
        let placed = self.is_placed() && self.lines.iter().any(|line| line.live() > 0);
        let nothing_pending = self.pending_shipments().next().is_none();
        let fits = match self.state {
            OrderState::Draft => !self.is_placed() && self.hold.is_none(),
            OrderState::Placed | OrderState::Confirmed => placed && self.details.contact.is_some(),
            OrderState::Completed => {
                let nothing_open = self.lines.iter().all(|line| line.awaiting_shipment() == 0);
                placed && nothing_pending && nothing_open && self.hold.is_none()
            }
            OrderState::Cancelled => {
                let nothing_left = self.lines.iter().all(|line| line.ordered == line.cancelled);
                nothing_pending && nothing_left && self.hold.is_none()
            }
        };
        fits && self.number.is_some() == self.is_placed()
    }

    /// The units in shipments are those that the lines count.
    fn shipments_fit(&self) -> bool {
        use super::ShipmentState::{Cancelled, Delivered, Failed, Pending, Shipped};
        self.lines.iter().all(|line| {
            let (mut in_shipment, mut shipped, mut delivered) = (0u64, 0u64, 0u64);
            for shipment in &self.shipments {
                let items = shipment.items.iter().filter(|item| item.line_id == line.id);
                let units: u64 = items.map(|item| u64::from(item.quantity.units())).sum();
                match shipment.state {
                    Pending => in_shipment += units,
                    Shipped => (in_shipment, shipped) = (in_shipment + units, shipped + units),
                    Delivered => {
                        (in_shipment, shipped, delivered) =
                            (in_shipment + units, shipped + units, delivered + units);
                    }
                    Failed | Cancelled => {}
                }
            }
            (in_shipment, shipped, delivered)
                == (u64::from(line.in_shipment), u64::from(line.shipped), u64::from(line.delivered))
        })
    }
}
