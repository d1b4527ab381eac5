//! Goods sent together.

use crate::{CancelNote, Carrier, LineUnits, ShipmentId, Timestamp, TrackingNumber};

/// A shipment: PENDING -> SHIPPED -> DELIVERED, PENDING -> CANCELLED, SHIPPED -> FAILED.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Its number in the order.
    pub id: ShipmentId,
    /// How far it got.
    pub state: ShipmentState,
    /// What is in it, each line at most once.
    pub items: Vec<LineUnits>,
    /// Who carries it.
    pub carrier: Option<Carrier>,
    /// The carrier's number to follow it by.
    pub tracking_number: Option<TrackingNumber>,
    /// When it was made.
    pub create_time: Timestamp,
    /// When it left.
    pub ship_time: Option<Timestamp>,
    /// When it arrived.
    pub deliver_time: Option<Timestamp>,
    /// When it was cancelled or failed.
    pub end_time: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<ShipmentFailure>,
    /// Why it was cancelled or failed, for people.
    pub note: Option<CancelNote>,
}

/// How far a shipment got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipmentState {
    /// Being packed.
    Pending,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Did not arrive; its units are open again.
    Failed,
    /// Not sent; its units are open again.
    Cancelled,
}

impl ShipmentState {
    /// The name in the contract, such as `PENDING`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// Why a shipment did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipmentFailure {
    /// Nobody knows where it is.
    Lost,
    /// It could not be handed over.
    Undeliverable,
}
