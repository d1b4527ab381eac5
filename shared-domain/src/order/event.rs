//! Events: facts that a commit carries. Each holds all that [`OrderSnapshot::apply`] needs to repeat the change.

use super::{
    Adjustment, Allocation, CancelReason, Details, Line, OrderSnapshot, Payment, PaymentFailure,
    PaymentTransaction, Shipment, ShipmentFailure, ShippingLine, TransactionState,
};
use crate::{
    Address, AdjustmentId, CancelNote, Carrier, LineId, LineUnits, Money, NoteText, OrderNumber, PaymentId,
    Reason, ShipmentId, Timestamp, TrackingNumber, TransactionId,
};

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the commands that cause the events")]
pub enum Event {
    /// The order came to be, as this draft.
    Created(Box<OrderSnapshot>),
    /// The details that can change in any state are now these.
    Updated(Box<Details>),
    /// A line was added.
    LineAdded(Line),
    /// The units ordered of a line changed, and with them its tax.
    LineQuantitySet { line_id: LineId, quantity: u32, tax_amount: Money },
    /// A line was removed, with what adjustments allocated to it.
    LineRemoved { line_id: LineId },
    /// The price of a line changed, and with it its tax.
    LineUnitPriceSet { line_id: LineId, unit_price: Money, tax_amount: Money },
    /// A discount or surcharge was added.
    AdjustmentAdded(Adjustment),
    /// A discount or surcharge was removed.
    AdjustmentRemoved { adjustment_id: AdjustmentId },
    /// The shipping cost is now this.
    ShippingSet(Vec<ShippingLine>),
    /// The goods go here now.
    ShippingAddressSet(Address),
    /// The buyer committed.
    Placed { number: OrderNumber, total: Money, allocations: Vec<Allocations>, reason: Option<Reason> },
    /// The seller accepted.
    Confirmed { reason: Option<Reason> },
    /// The order was put on hold.
    Held { reason: Reason },
    /// The order was released from hold.
    Released { reason: Option<Reason> },
    /// Nothing is left to do.
    Completed { reason: Option<Reason>, payment_override: Option<Reason> },
    /// Something is left to do after all, since a shipment failed.
    Reopened,
    /// The order was cancelled, with all its open units.
    Cancelled { reason: CancelReason, note: Option<CancelNote> },
    /// Units were cancelled.
    LinesCancelled { items: Vec<LineUnits>, reason: CancelReason, note: Option<CancelNote> },
    /// The draft was deleted.
    Deleted,
    /// A note was written; it stands in the history only.
    NoteAdded { text: NoteText, visibility: NoteVisibility },
    /// A shipment was made.
    ShipmentCreated(Shipment),
    /// A shipment left; carrier and tracking number are now these.
    ShipmentShipped {
        shipment_id: ShipmentId,
        carrier: Option<Carrier>,
        tracking_number: Option<TrackingNumber>,
        ship_time: Timestamp,
    },
    /// A shipment arrived.
    ShipmentDelivered { shipment_id: ShipmentId, deliver_time: Timestamp },
    /// A shipment will not arrive.
    ShipmentFailed { shipment_id: ShipmentId, failure: ShipmentFailure, note: Option<CancelNote> },
    /// A shipment is not sent.
    ShipmentCancelled { shipment_id: ShipmentId, note: Option<CancelNote> },
    /// A means of payment was seen for the first time; it has no transactions yet.
    PaymentAdded(Payment),
    /// A payment transaction was recorded.
    TransactionRecorded { payment_id: PaymentId, transaction: PaymentTransaction },
    /// A payment transaction got further; amount and time are as reported last.
    TransactionUpdated {
        payment_id: PaymentId,
        transaction_id: TransactionId,
        state: TransactionState,
        amount: Money,
        failure: Option<PaymentFailure>,
        occur_time: Timestamp,
        exceeds_expected: bool,
    },
}

/// How one adjustment is spread over the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocations {
    /// The adjustment.
    pub adjustment_id: AdjustmentId,
    /// The shares.
    pub shares: Vec<Allocation>,
}

/// Who may see a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteVisibility {
    /// The seller's people.
    Internal,
    /// The customer too.
    Customer,
}
