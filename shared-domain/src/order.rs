//! The Order aggregate: the transaction boundary, changed only through the verbs of [`Order`].
//!
//! A verb checks the rules, reports every [`Violation`] it finds, and otherwise records [`Event`]s. Events are the only way
//! the state changes, so that folding them over nothing gives the order again.

mod adjustment;
mod aggregate;
mod allocation;
mod amend;
mod cancel;
mod create;
mod details;
mod event;
mod fold;
mod fulfillment;
mod invariants;
mod items;
mod lifecycle;
mod line;
mod payment;
mod progress;
mod record_payment;
mod ship;
mod shipment;
mod shipping;
mod snapshot;
mod totals;
mod violation;

pub use adjustment::{Adjustment, AdjustmentKind, AdjustmentScope, Allocation, NewAdjustment};
pub use aggregate::Order;
pub use amend::OrderChange;
pub use cancel::CancelReason;
pub use create::NewOrder;
pub use details::{Details, DetailsPatch};
pub use event::{Allocations, Event, NoteVisibility};
pub use fulfillment::FulfillmentState;
pub use invariants::BrokenInvariant;
pub use lifecycle::{CommandKind, OrderState, TRANSITIONS, allowed_states, next_states};
pub use line::{Line, NewLine};
pub use payment::{
    Payment, PaymentFailure, PaymentState, PaymentTransaction, TransactionKind, TransactionState,
};
pub use record_payment::{PaymentReport, PaymentSelector};
pub use shipment::{Shipment, ShipmentFailure, ShipmentState};
pub use shipping::ShippingLine;
pub use snapshot::{Cancellation, Hold, OrderSnapshot, Times};
pub use totals::Totals;
pub use violation::{Rejected, Violation};

/// The most lines that an order can have.
pub const MAX_LINES: usize = 500;
/// The most adjustments that an order can have.
pub const MAX_ADJUSTMENTS: usize = 100;
/// The most shipping lines that an order can have.
pub const MAX_SHIPPING_LINES: usize = 20;
/// The most shipments that an order can have.
pub const MAX_SHIPMENTS: usize = 100;
/// The most payments that an order can have.
pub const MAX_PAYMENTS: usize = 50;
/// The most transactions that a payment can have.
pub const MAX_TRANSACTIONS: usize = 100;
