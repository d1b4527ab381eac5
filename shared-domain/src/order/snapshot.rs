//! The state of an order: plain data, and what is derived from it.

use super::{
    Adjustment, CancelReason, Details, FulfillmentState, Line, OrderState, Payment, PaymentState, Shipment,
    ShipmentState, ShippingLine, Totals, payment::Succeeded, totals::line_discounts,
};
use crate::{
    Address, CancelNote, Channel, Currency, CustomerId, ExternalReference, LineId, Money, OrderId,
    OrderNumber, Reason, ShipmentId, Timestamp,
};

/// All that is known of an order at one version. Storage reads and writes it; only the verbs of [`super::Order`] change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSnapshot {
    /// Which order.
    pub id: OrderId,
    /// Counts the commits, from 1.
    pub version: u64,
    /// Number for people, given at placement.
    pub number: Option<OrderNumber>,
    /// Where it is in its life.
    pub state: OrderState,
    /// Set while it is on hold.
    pub hold: Option<Hold>,
    /// Where it came from.
    pub channel: Option<Channel>,
    /// Who ordered.
    pub customer_id: Option<CustomerId>,
    /// Its id in another system.
    pub external_reference: Option<ExternalReference>,
    /// What can change in any state.
    pub details: Details,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// The currency of every amount.
    pub currency: Currency,
    /// What is ordered, by ascending number.
    pub lines: Vec<Line>,
    /// Discounts and surcharges, by ascending number.
    pub adjustments: Vec<Adjustment>,
    /// What shipping costs.
    pub shipping_lines: Vec<ShippingLine>,
    /// What was paid, by ascending number.
    pub payments: Vec<Payment>,
    /// What was sent, by ascending number.
    pub shipments: Vec<Shipment>,
    /// Set once it is cancelled.
    pub cancellation: Option<Cancellation>,
    /// When things happened.
    pub times: Times,
    /// The number given to a line last.
    pub last_line_id: u32,
    /// The number given to an adjustment last.
    pub last_adjustment_id: u32,
}

/// Why and since when an order waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub time: Timestamp,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The reason.
    pub reason: CancelReason,
    /// In somebody's words.
    pub note: Option<CancelNote>,
}

/// When things happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// Created.
    pub create: Timestamp,
    /// Committed last; grows with every version.
    pub update: Timestamp,
    /// Placed.
    pub place: Option<Timestamp>,
    /// Confirmed.
    pub confirm: Option<Timestamp>,
    /// Completed.
    pub complete: Option<Timestamp>,
    /// Cancelled.
    pub cancel: Option<Timestamp>,
}

impl OrderSnapshot {
    /// The line with this number.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.binary_search_by_key(&id, |line| line.id).ok().map(|at| &self.lines[at])
    }

    pub(crate) fn line_mut(&mut self, id: LineId) -> Option<&mut Line> {
        self.lines.binary_search_by_key(&id, |line| line.id).ok().map(|at| &mut self.lines[at])
    }

    /// The shipment with this number.
    #[must_use]
    pub fn shipment(&self, id: ShipmentId) -> Option<&Shipment> {
        self.shipments.iter().find(|shipment| shipment.id == id)
    }

    /// The shipments that have not left yet.
    pub(crate) fn pending_shipments(&self) -> impl Iterator<Item = &Shipment> {
        self.shipments.iter().filter(|shipment| shipment.state == ShipmentState::Pending)
    }

    /// Whether the buyer has committed to it: it is no draft, and was not cancelled as one.
    pub(crate) fn is_placed(&self) -> bool {
        self.times.place.is_some()
    }

    /// The sums over the units that are not cancelled.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::of(self).expect("sums are checked before they change, and when an order is restored")
    }

    /// What the discounts take off the units that are not cancelled, line by line.
    #[must_use]
    pub fn line_discounts(&self) -> Vec<Money> {
        let money =
            |minor| Money::sum(i64::try_from(minor).expect("no more than the line costs"), self.currency);
        line_discounts(self).into_iter().map(money).collect()
    }

    /// Unit price times the units of a line that are not cancelled.
    #[must_use]
    pub fn line_subtotal(&self, line: &Line) -> Money {
        Money::sum(i64::try_from(line.subtotal()).expect("no more than the subtotal"), self.currency)
    }

    /// What is still to be paid; negative if overpaid.
    #[must_use]
    pub fn balance(&self) -> Money {
        self.balance_of(self.totals().total)
    }

    /// What is still to be paid of this total.
    #[must_use]
    pub fn balance_of(&self, total: Money) -> Money {
        let paid = Succeeded::of(&self.payments);
        Money::sum(total.minor_units() - (paid.captured - paid.refunded), self.currency)
    }

    /// What was paid of the total.
    #[must_use]
    pub fn payment_state(&self) -> PaymentState {
        Succeeded::of(&self.payments).state(self.totals().total.minor_units())
    }

    /// What was sent.
    #[must_use]
    pub fn fulfillment_state(&self) -> FulfillmentState {
        FulfillmentState::of(&self.lines)
    }
}
