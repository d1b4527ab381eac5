//! CancelOrder: the whole order, or open units of some lines.

use super::{CommandKind, Event, Line, Order, Rejected, Violation, violation::Violations};
use crate::{CancelNote, LineUnits, Timestamp};

/// Why an order or units of it are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// The customer asked for it.
    CustomerRequest,
    /// It cannot be had.
    OutOfStock,
    /// It was not paid.
    PaymentFailed,
    /// Somebody cheats.
    Fraud,
    /// It waited too long.
    Expired,
    /// It was ordered twice.
    Duplicate,
    /// Something else.
    Other,
}

impl Order {
    /// Cancels the whole order, with its pending shipments if told so. Captured money does not stand in the way.
    ///
    /// # Errors
    /// [`Violation::OrderHasShippedItems`], [`Violation::OrderHasActiveShipments`].
    pub fn cancel(
        &mut self,
        reason: CancelReason,
        note: Option<CancelNote>,
        cancel_pending_shipments: bool,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::CancelOrder));
        let has_shipped = self.snapshot.lines.iter().any(|line| line.shipped > 0);
        violations.add_if(has_shipped, Violation::OrderHasShippedItems);
        let pending: Vec<_> = self.snapshot.pending_shipments().map(|shipment| shipment.id).collect();
        let in_the_way = !pending.is_empty() && !cancel_pending_shipments;
        violations.add_if(in_the_way, Violation::OrderHasActiveShipments { pending: pending.len() });
        violations.none()?;

        for shipment_id in pending {
            self.record(Event::ShipmentCancelled { shipment_id, note: note.clone() }, now);
        }
        self.record(Event::Cancelled { reason, note }, now);
        Ok(())
    }

    /// Cancels open units; what is said of one line twice is added up. The order is cancelled with them if nothing is left,
    /// and completed if nothing is open, nothing pending and nothing to be paid. Nothing is recorded if there are none.
    ///
    /// # Errors
    /// [`Violation::LineNotFound`], [`Violation::QuantityExceedsOpen`], and [`Violation::MoneyOutOfRange`] if the discounts of
    /// a draft, which are not spread over its lines yet, would exceed what is left.
    pub fn cancel_lines(
        &mut self,
        items: Vec<LineUnits>,
        reason: CancelReason,
        note: Option<CancelNote>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::CancelOrderLines));
        let items = self.check_items(&items, Line::open, &mut violations);
        violations.none()?;
        if items.is_empty() {
            return Ok(());
        }

        let mut cancelled = self.clone();
        cancelled.record(Event::LinesCancelled { items, reason, note: note.clone() }, now);
        cancelled.snapshot.check_contents().none()?;
        *self = cancelled;
        if !self.snapshot.is_placed() {
            return Ok(());
        }
        if self.snapshot.lines.iter().all(|line| line.live() == 0) {
            self.record(Event::Cancelled { reason, note }, now);
        } else if self.nothing_left_to_do() {
            self.record(Event::Completed { reason: None, payment_override: None }, now);
        }
        Ok(())
    }

    fn nothing_left_to_do(&self) -> bool {
        let order = &self.snapshot;
        order.state == super::OrderState::Confirmed
            && order.lines.iter().all(|line| line.open() == 0)
            && order.pending_shipments().next().is_none()
            && order.balance().minor_units() <= 0
    }
}
