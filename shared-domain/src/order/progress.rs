//! PlaceOrder, ConfirmOrder, HoldOrder, ReleaseOrder, CompleteOrder, DeleteOrder, AddOrderNote: an order goes on in its life.

use super::{
    Adjustment, AdjustmentKind, AdjustmentScope, Allocations, CommandKind, Event, NoteVisibility, Order,
    OrderSnapshot, Rejected, Violation,
    allocation::allocate,
    totals::{add_shares, line_discounts},
    violation::Violations,
};
use crate::{Money, NoteText, OrderNumber, Reason, Timestamp};

impl Order {
    /// DRAFT to PLACED: gives the order its number and freezes how adjustments are spread over the lines.
    ///
    /// # Errors
    /// What the order still lacks, and [`Violation::TotalMismatch`] if the total is not the expected one.
    pub fn place(
        &mut self,
        number: OrderNumber,
        expected_total: Option<Money>,
        reason: Option<Reason>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::PlaceOrder));
        violations.extend(self.missing_for_placement());
        violations.extend(expected_total.and_then(|expected| self.check_total(expected).err()));
        violations.none()?;

        let total = self.snapshot.totals().total;
        let allocations = allocate_all(&self.snapshot);
        self.record(Event::Placed { number, total, allocations, reason }, now);
        Ok(())
    }

    /// Checks that the order costs what the caller counts on.
    ///
    /// # Errors
    /// [`Violation::TotalMismatch`].
    pub fn expect_total(&self, expected: Money) -> Result<(), Rejected> {
        Ok(self.check_total(expected)?)
    }

    fn check_total(&self, expected: Money) -> Result<(), Violation> {
        let actual = self.snapshot.totals().total;
        if expected == actual { Ok(()) } else { Err(Violation::TotalMismatch { expected, actual }) }
    }

    /// What keeps the order from being placed, or from staying so.
    pub(super) fn missing_for_placement(&self) -> Vec<Violation> {
        let order = &self.snapshot;
        let mut violations = vec![];
        if order.lines.iter().all(|line| line.live() == 0) {
            violations.push(Violation::OrderEmpty);
        }
        if order.details.contact.is_none() {
            violations.push(Violation::ContactRequired);
        }
        if order.shipping_address.is_none()
            && order.lines.iter().any(|line| line.requires_shipping && line.live() > 0)
        {
            violations.push(Violation::AddressRequired);
        }
        violations
    }

    /// PLACED to CONFIRMED.
    ///
    /// # Errors
    /// [`Violation::OrderOnHold`].
    pub fn confirm(&mut self, reason: Option<Reason>, now: Timestamp) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::ConfirmOrder));
        violations.note(self.check_not_on_hold());
        violations.none()?;
        self.record(Event::Confirmed { reason }, now);
        Ok(())
    }

    /// Puts the order on hold.
    ///
    /// # Errors
    /// [`Violation::OrderOnHold`] if it is already.
    pub fn hold(&mut self, reason: Reason, now: Timestamp) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::HoldOrder));
        violations.note(self.check_not_on_hold());
        violations.none()?;
        self.record(Event::Held { reason }, now);
        Ok(())
    }

    /// Releases the order from hold.
    ///
    /// # Errors
    /// [`Violation::OrderNotOnHold`].
    pub fn release(&mut self, reason: Option<Reason>, now: Timestamp) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::ReleaseOrder));
        violations.add_if(self.snapshot.hold.is_none(), Violation::OrderNotOnHold);
        violations.none()?;
        self.record(Event::Released { reason }, now);
        Ok(())
    }

    /// CONFIRMED to COMPLETED. `payment_override` says why, if something is still to be paid.
    ///
    /// # Errors
    /// [`Violation::ItemsOpen`], [`Violation::PaymentOutstanding`].
    pub fn complete(
        &mut self,
        reason: Option<Reason>,
        payment_override: Option<Reason>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::CompleteOrder));
        let open = self.snapshot.lines.iter().map(|line| u64::from(line.awaiting_shipment())).sum();
        let pending = self.snapshot.pending_shipments().count();
        violations.add_if(open > 0 || pending > 0, Violation::ItemsOpen { open, pending });
        let balance = self.snapshot.balance();
        let outstanding = balance.minor_units() > 0 && payment_override.is_none();
        violations.add_if(outstanding, Violation::PaymentOutstanding { balance });
        violations.none()?;
        self.record(Event::Completed { reason, payment_override }, now);
        Ok(())
    }

    /// Removes a draft: the order is gone with the commit, its history stays.
    ///
    /// # Errors
    /// [`Violation::InvalidStateTransition`] if it is no draft.
    pub fn delete(&mut self, now: Timestamp) -> Result<(), Rejected> {
        self.check_state(CommandKind::DeleteOrder)?;
        self.record(Event::Deleted, now);
        Ok(())
    }

    /// Writes a note into the history.
    ///
    /// # Errors
    /// None so far: a note can be written in every state.
    pub fn add_note(
        &mut self,
        text: NoteText,
        visibility: NoteVisibility,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        self.check_state(CommandKind::AddOrderNote)?;
        self.record(Event::NoteAdded { text, visibility }, now);
        Ok(())
    }
}

/// Spreads the adjustments over the lines, one after the other: each over what the ones before it left.
fn allocate_all(order: &OrderSnapshot) -> Vec<Allocations> {
    let mut discounts = line_discounts(order);
    let mut allocations = vec![];
    for adjustment in &order.adjustments {
        let shares = allocate(order, adjustment, &discounts);
        if adjustment.kind == AdjustmentKind::Discount && adjustment.scope == AdjustmentScope::Order {
            add_shares(
                order,
                &Adjustment { allocations: shares.clone(), ..adjustment.clone() },
                &mut discounts,
            );
        }
        if !shares.is_empty() {
            allocations.push(Allocations { adjustment_id: adjustment.id, shares });
        }
    }
    allocations
}
