//! CreateShipment, ShipShipment, DeliverShipment, FailShipment, CancelShipment.

use super::{
    CommandKind, Event, Line, MAX_SHIPMENTS, Order, OrderState, Rejected, Shipment, ShipmentFailure,
    ShipmentState, Violation, violation::Violations,
};
use crate::{CancelNote, Carrier, LineUnits, ShipmentId, TimeExt as _, Timestamp, TrackingNumber};

impl Order {
    /// Puts open units into a new shipment; what is said of one line twice is added up. Nothing is recorded if there are none.
    ///
    /// # Errors
    /// [`Violation::OrderOnHold`], [`Violation::LineNotFound`], [`Violation::QuantityExceedsOpen`] (a line that needs no
    /// shipping has nothing to put in), [`Violation::TooManyShipments`].
    pub fn create_shipment(
        &mut self,
        items: Vec<LineUnits>,
        carrier: Option<Carrier>,
        tracking_number: Option<TrackingNumber>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_state(CommandKind::CreateShipment));
        violations.note(self.check_not_on_hold());
        violations.add_if(self.snapshot.shipments.len() >= MAX_SHIPMENTS, Violation::TooManyShipments);
        let items = self.check_items(&items, Line::awaiting_shipment, &mut violations);
        violations.none()?;
        if items.is_empty() {
            return Ok(());
        }

        let number = u32::try_from(self.snapshot.shipments.len()).expect("at most 100") + 1;
        let shipment = Shipment {
            id: ShipmentId(number),
            state: ShipmentState::Pending,
            items,
            carrier,
            tracking_number,
            create_time: self.commit_time(now),
            ship_time: None,
            deliver_time: None,
            end_time: None,
            failure: None,
            note: None,
        };
        self.record(Event::ShipmentCreated(shipment), now);
        Ok(())
    }

    /// PENDING to SHIPPED. Carrier and tracking number stay as they are where none is given; the time is now if none is.
    ///
    /// # Errors
    /// [`Violation::OrderOnHold`], [`Violation::ShipmentNotFound`], [`Violation::InvalidShipmentState`].
    pub fn ship(
        &mut self,
        shipment_id: ShipmentId,
        carrier: Option<Carrier>,
        tracking_number: Option<TrackingNumber>,
        ship_time: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let mut violations = Violations::default();
        violations.note(self.check_not_on_hold());
        let shipment =
            self.check_shipment(CommandKind::ShipShipment, shipment_id, ShipmentState::Pending, violations)?;
        let event = Event::ShipmentShipped {
            shipment_id,
            carrier: carrier.or_else(|| shipment.carrier.clone()),
            tracking_number: tracking_number.or_else(|| shipment.tracking_number.clone()),
            ship_time: ship_time.map_or_else(|| self.commit_time(now), |time| time.micros()),
        };
        self.record(event, now);
        Ok(())
    }

    /// SHIPPED to DELIVERED; the time is now if none is given.
    ///
    /// # Errors
    /// [`Violation::ShipmentNotFound`], [`Violation::InvalidShipmentState`].
    pub fn deliver(
        &mut self,
        shipment_id: ShipmentId,
        deliver_time: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let (command, from) = (CommandKind::DeliverShipment, ShipmentState::Shipped);
        self.check_shipment(command, shipment_id, from, Violations::default())?;
        let deliver_time = deliver_time.map_or_else(|| self.commit_time(now), |time| time.micros());
        self.record(Event::ShipmentDelivered { shipment_id, deliver_time }, now);
        Ok(())
    }

    /// SHIPPED to FAILED: the units are open again, and a completed order goes back to CONFIRMED.
    ///
    /// # Errors
    /// [`Violation::ShipmentNotFound`], [`Violation::InvalidShipmentState`].
    pub fn fail_shipment(
        &mut self,
        shipment_id: ShipmentId,
        failure: ShipmentFailure,
        note: Option<CancelNote>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let (command, from) = (CommandKind::FailShipment, ShipmentState::Shipped);
        self.check_shipment(command, shipment_id, from, Violations::default())?;
        self.record(Event::ShipmentFailed { shipment_id, failure, note }, now);
        if self.snapshot.state == OrderState::Completed {
            self.record(Event::Reopened, now);
        }
        Ok(())
    }

    /// PENDING to CANCELLED: the units are open again.
    ///
    /// # Errors
    /// [`Violation::ShipmentNotFound`], [`Violation::InvalidShipmentState`].
    pub fn cancel_shipment(
        &mut self,
        shipment_id: ShipmentId,
        note: Option<CancelNote>,
        now: Timestamp,
    ) -> Result<(), Rejected> {
        let (command, from) = (CommandKind::CancelShipment, ShipmentState::Pending);
        self.check_shipment(command, shipment_id, from, Violations::default())?;
        self.record(Event::ShipmentCancelled { shipment_id, note }, now);
        Ok(())
    }

    /// The shipment, if the order's state and its own allow the command and nothing else was found.
    fn check_shipment(
        &self,
        command: CommandKind,
        id: ShipmentId,
        from: ShipmentState,
        mut violations: Violations,
    ) -> Result<&Shipment, Rejected> {
        violations.note(self.check_state(command));
        let Some(shipment) = self.snapshot.shipment(id) else {
            violations.add(Violation::ShipmentNotFound(id));
            return Err(violations.none().expect_err("one was added"));
        };
        let invalid = Violation::InvalidShipmentState { shipment: id, state: shipment.state, allowed: from };
        violations.add_if(shipment.state != from, invalid);
        violations.none()?;
        Ok(shipment)
    }
}
