//! Applying events: the one place where the state of an order changes. Nothing is decided and nothing refused here.

use super::{
    Adjustment, AdjustmentScope, Cancellation, Event, Hold, Line, OrderSnapshot, OrderState, Payment,
    PaymentTransaction, Shipment, ShipmentState, allocation::take_back,
};
use crate::{LineId, PaymentId, ShipmentId, Timestamp, TransactionId};

impl OrderSnapshot {
    /// Folds the events of an order, commit by commit, over nothing. Events before the one that creates the order, of which
    /// there should be none, are passed over.
    #[must_use]
    pub fn fold<'a>(commits: impl IntoIterator<Item = (Timestamp, &'a [Event])>) -> Option<Self> {
        let mut folded: Option<Self> = None;
        for (time, events) in commits {
            if let Some(order) = &mut folded {
                order.version += 1;
            }
            for event in events {
                match (&mut folded, event) {
                    (Some(order), event) => order.apply(event, time),
                    (None, Event::Created(draft)) => folded = Some((**draft).clone()),
                    (None, _) => {}
                }
            }
        }
        folded
    }

    /// Repeats the change that an event stands for, in a commit of this time.
    #[expect(clippy::too_many_lines, reason = "one arm per event, and nothing but assignments")]
    pub(crate) fn apply(&mut self, event: &Event, time: Timestamp) {
        self.times.update = time;
        match event {
            Event::Created(draft) => *self = (**draft).clone(),
            Event::Updated(details) => self.details = (**details).clone(),
            Event::LineAdded(line) => {
                self.last_line_id = line.id.0;
                self.lines.push(line.clone());
            }
            Event::LineQuantitySet { line_id, quantity, tax_amount } => {
                let ordered = self.line(*line_id).map_or(0, |line| line.ordered);
                take_back(self, *line_id, ordered.saturating_sub(*quantity));
                if let Some(line) = self.line_mut(*line_id) {
                    (line.ordered, line.tax_amount) = (*quantity, *tax_amount);
                }
            }
            Event::LineRemoved { line_id } => {
                let live = self.line(*line_id).map_or(0, Line::live);
                take_back(self, *line_id, live);
                self.lines.retain(|line| line.id != *line_id);
                for adjustment in &mut self.adjustments {
                    adjustment.allocations.retain(|share| share.line_id != *line_id);
                }
                self.adjustments.retain(|adjustment| adjustment.scope != AdjustmentScope::Line(*line_id));
            }
            Event::LineUnitPriceSet { line_id, unit_price, tax_amount } => {
                if let Some(line) = self.line_mut(*line_id) {
                    (line.unit_price, line.tax_amount) = (*unit_price, *tax_amount);
                }
            }
            Event::AdjustmentAdded(adjustment) => {
                self.last_adjustment_id = adjustment.id.0;
                self.adjustments.push(adjustment.clone());
            }
            Event::AdjustmentRemoved { adjustment_id } => self.adjustments.retain(|a| a.id != *adjustment_id),
            Event::ShippingSet(lines) => self.shipping_lines.clone_from(lines),
            Event::ShippingAddressSet(address) => self.shipping_address = Some(address.clone()),
            Event::Placed { number, allocations, .. } => {
                (self.state, self.number, self.times.place) =
                    (OrderState::Placed, Some(number.clone()), Some(time));
                for allocated in allocations {
                    if let Some(adjustment) = self.adjustment_mut(allocated.adjustment_id) {
                        adjustment.allocations.clone_from(&allocated.shares);
                    }
                }
            }
            Event::Confirmed { .. } => (self.state, self.times.confirm) = (OrderState::Confirmed, Some(time)),
            Event::Held { reason } => self.hold = Some(Hold { reason: reason.clone(), time }),
            Event::Released { .. } => self.hold = None,
            Event::Completed { .. } => {
                (self.state, self.times.complete, self.hold) = (OrderState::Completed, Some(time), None);
            }
            Event::Reopened => (self.state, self.times.complete) = (OrderState::Confirmed, None),
            Event::Cancelled { reason, note } => {
                (self.state, self.times.cancel, self.hold) = (OrderState::Cancelled, Some(time), None);
                self.cancellation = Some(Cancellation { reason: *reason, note: note.clone() });
                let open: Vec<_> = self.lines.iter().map(|line| (line.id, line.open())).collect();
                open.into_iter().for_each(|(line_id, units)| self.cancel_units(line_id, units));
            }
            Event::LinesCancelled { items, .. } => {
                items.iter().for_each(|item| self.cancel_units(item.line_id, item.quantity.units()));
            }
            Event::Deleted | Event::NoteAdded { .. } => {}
            Event::ShipmentCreated(shipment) => {
                self.shipments.push(shipment.clone());
                self.move_units(shipment.id, |line, units| line.in_shipment += units);
            }
            Event::ShipmentShipped { shipment_id, carrier, tracking_number, ship_time } => {
                if let Some(shipment) = self.shipment_mut(*shipment_id) {
                    (shipment.state, shipment.ship_time) = (ShipmentState::Shipped, Some(*ship_time));
                    shipment.carrier.clone_from(carrier);
                    shipment.tracking_number.clone_from(tracking_number);
                }
                self.move_units(*shipment_id, |line, units| line.shipped += units);
            }
            Event::ShipmentDelivered { shipment_id, deliver_time } => {
                if let Some(shipment) = self.shipment_mut(*shipment_id) {
                    (shipment.state, shipment.deliver_time) = (ShipmentState::Delivered, Some(*deliver_time));
                }
                self.move_units(*shipment_id, |line, units| line.delivered += units);
            }
            Event::ShipmentFailed { shipment_id, failure, note } => {
                if let Some(shipment) = self.shipment_mut(*shipment_id) {
                    (shipment.state, shipment.end_time) = (ShipmentState::Failed, Some(time));
                    (shipment.failure, shipment.note) = (Some(*failure), note.clone());
                }
                self.move_units(*shipment_id, |line, units| {
                    line.in_shipment -= units;
                    line.shipped -= units;
                });
            }
            Event::ShipmentCancelled { shipment_id, note } => {
                if let Some(shipment) = self.shipment_mut(*shipment_id) {
                    (shipment.state, shipment.end_time) = (ShipmentState::Cancelled, Some(time));
                    shipment.note.clone_from(note);
                }
                self.move_units(*shipment_id, |line, units| line.in_shipment -= units);
            }
            Event::PaymentAdded(payment) => self.payments.push(payment.clone()),
            Event::TransactionRecorded { payment_id, transaction } => {
                if let Some(payment) = self.payment_mut(*payment_id) {
                    payment.transactions.push(transaction.clone());
                }
            }
            Event::TransactionUpdated {
                payment_id,
                transaction_id,
                state,
                amount,
                failure,
                occur_time,
                exceeds_expected,
            } => {
                if let Some(transaction) = self.transaction_mut(*payment_id, *transaction_id) {
                    (transaction.state, transaction.amount, transaction.update_time) =
                        (*state, *amount, time);
                    transaction.failure.clone_from(failure);
                    transaction.occur_time = *occur_time;
                    transaction.exceeds_expected = *exceeds_expected;
                }
            }
        }
    }

    fn adjustment_mut(&mut self, id: crate::AdjustmentId) -> Option<&mut Adjustment> {
        self.adjustments.iter_mut().find(|adjustment| adjustment.id == id)
    }

    fn shipment_mut(&mut self, id: ShipmentId) -> Option<&mut Shipment> {
        self.shipments.iter_mut().find(|shipment| shipment.id == id)
    }

    fn payment_mut(&mut self, id: PaymentId) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| payment.id == id)
    }

    fn transaction_mut(&mut self, payment: PaymentId, id: TransactionId) -> Option<&mut PaymentTransaction> {
        self.payment_mut(payment)?.transactions.iter_mut().find(|transaction| transaction.id == id)
    }

    fn cancel_units(&mut self, line_id: LineId, units: u32) {
        take_back(self, line_id, units);
        if let Some(line) = self.line_mut(line_id) {
            line.cancelled += units;
        }
    }

    fn move_units(&mut self, shipment: ShipmentId, change: impl Fn(&mut Line, u32)) {
        let items = self.shipment(shipment).map(|shipment| shipment.items.clone()).unwrap_or_default();
        for item in items {
            if let Some(line) = self.line_mut(item.line_id) {
                change(line, item.quantity.units());
            }
        }
    }
}
