//! The lives that orders lead, as data.

use orders_proto::orders::v1::CancelReason;

/// One thing that happens to an order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The buyer commits to it.
    Place,
    /// The card's issuer reserves the total.
    Authorize,
    /// The card's issuer refuses.
    Decline,
    /// What is due is taken from the card.
    Capture,
    /// What is due is paid at the till.
    PayAtTill,
    /// The reserved money is let go.
    Void,
    /// What was paid too much is given back.
    Refund,
    /// The seller accepts it.
    Confirm,
    /// It waits, for this reason.
    Hold(&'static str),
    /// It goes on.
    Release,
    /// All open units leave in one parcel.
    ShipAll,
    /// One open unit leaves.
    ShipOneUnit,
    /// A parcel is made, but does not leave.
    Pack,
    /// Every parcel on its way arrives.
    Deliver,
    /// A parcel on its way is lost.
    Lose,
    /// Somebody writes this down.
    Note(&'static str),
    /// One open unit of the last line cannot be had.
    CancelOneUnit,
    /// It is cancelled, pending parcels too.
    Cancel(CancelReason, &'static str),
    /// Nothing is left to do.
    Complete,
}

use Step::{
    Authorize, Cancel, CancelOneUnit, Capture, Complete, Confirm, Decline, Deliver, Hold, Lose, Note, Pack,
    PayAtTill, Place, Refund, Release, ShipAll, ShipOneUnit, Void,
};

/// The one life whose goods are handed over, not sent.
pub(super) const AT_THE_COUNTER: &str = "sold at the counter";

/// Every life; the everyday ones come up more than once.
pub(super) const JOURNEYS: &[(&str, &[Step])] = &[
    ("delivered", &[Place, Authorize, Confirm, ShipAll, Capture, Deliver, Complete]),
    ("on its way", &[Place, Authorize, Confirm, ShipAll, Capture]),
    ("delivered", &[Place, Authorize, Capture, Confirm, ShipAll, Deliver, Complete]),
    ("still a cart", &[]),
    (
        "in two parcels",
        &[
            Place,
            Authorize,
            Confirm,
            ShipOneUnit,
            Capture,
            Deliver,
            Note("The rest follows on Monday"),
            ShipAll,
        ],
    ),
    ("waiting for its money", &[Place, Note("Sent the bank details again")]),
    ("delivered", &[Place, Authorize, Confirm, ShipAll, Capture, Deliver, Complete]),
    (
        "cancelled by its buyer",
        &[Place, Authorize, Cancel(CancelReason::CustomerRequest, "Ordered the wrong size"), Void],
    ),
    (AT_THE_COUNTER, &[Place, PayAtTill, Confirm, Complete]),
    ("being packed", &[Place, Authorize, Confirm, Pack]),
    (
        "held and released",
        &[
            Place,
            Authorize,
            Hold("Address looks odd"),
            Note("Called the customer: it is right"),
            Release,
            Confirm,
        ],
    ),
    ("delivered", &[Place, Authorize, Confirm, ShipAll, Capture, Deliver, Complete]),
    ("under review", &[Place, Authorize, Hold("Three cards in one hour")]),
    ("declined", &[Place, Decline, Decline, Cancel(CancelReason::PaymentFailed, "Declined twice")]),
    ("one unit short", &[Place, Authorize, Confirm, CancelOneUnit, ShipAll, Capture, Deliver, Complete]),
    (
        "lost and sent again",
        &[
            Place,
            Authorize,
            Confirm,
            ShipAll,
            Capture,
            Lose,
            Note("The carrier pays"),
            ShipAll,
            Deliver,
            Complete,
        ],
    ),
    (
        "cancelled and refunded",
        &[
            Place,
            Authorize,
            Capture,
            Confirm,
            Pack,
            Cancel(CancelReason::OutOfStock, "The last one was broken"),
            Refund,
        ],
    ),
    ("shipped before it was paid", &[Place, Confirm, ShipAll, Deliver]),
];
