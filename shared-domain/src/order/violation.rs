//! Broken rules. A verb reports all that it finds, not the first.

use super::{CommandKind, OrderState, ShipmentState};
use crate::{AdjustmentId, Currency, LineId, Money, PaymentId, ShipmentId};

/// One broken rule, with what is needed to understand it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// An amount is in another currency than the order.
    #[error("an amount is in {} but the order is in {}", given.code(), order.code())]
    CurrencyMismatch {
        /// The amount's currency.
        given: Currency,
        /// The order's currency.
        order: Currency,
    },
    /// A sum is past what an amount can be, or a price or a discount makes one negative.
    #[error("{what} would be out of range: {rule}")]
    MoneyOutOfRange {
        /// Which sum.
        what: &'static str,
        /// What it has to keep to.
        rule: &'static str,
    },
    /// More lines, adjustments or shipping lines than an order can have.
    #[error("an order can have {max} {what}")]
    TooManyLines {
        /// Which of them.
        what: &'static str,
        /// How many it can have.
        max: usize,
    },
    /// More shipments than an order can have.
    #[error("an order can have {} shipments", super::MAX_SHIPMENTS)]
    TooManyShipments,
    /// More payments than an order can have, or more transactions than a payment can have.
    #[error(
        "an order can have {} payments and a payment {} transactions",
        super::MAX_PAYMENTS,
        super::MAX_TRANSACTIONS
    )]
    TooManyPayments,

    /// The order has no such line.
    #[error("the order has no line {0}")]
    LineNotFound(LineId),
    /// The order has no such adjustment.
    #[error("the order has no adjustment {0}")]
    AdjustmentNotFound(AdjustmentId),
    /// The order has no such payment.
    #[error("the order has no payment {0}")]
    PaymentNotFound(PaymentId),
    /// The order has no such shipment.
    #[error("the order has no shipment {0}")]
    ShipmentNotFound(ShipmentId),

    /// The command is not allowed in the order's state.
    #[error("{} is not allowed in the state {}", command.name(), state.name())]
    InvalidStateTransition {
        /// The command.
        command: CommandKind,
        /// The order's state.
        state: OrderState,
    },
    /// The order would have nothing in it.
    #[error("the order has no line with any quantity left")]
    OrderEmpty,
    /// A placed order needs a contact.
    #[error("a placed order needs a contact")]
    ContactRequired,
    /// A placed order with a line that ships needs a shipping address.
    #[error("a placed order with a line that ships needs a shipping address")]
    AddressRequired,
    /// The shipping address cannot change once a shipment left.
    #[error("the shipping address cannot change once a shipment left")]
    AddressLocked,
    /// The total is not the one that the caller expects.
    #[error("the total is {actual}, not {expected}")]
    TotalMismatch {
        /// The caller's.
        expected: Money,
        /// The order's.
        actual: Money,
    },
    /// The order is on hold.
    #[error("the order is on hold: {reason}")]
    OrderOnHold {
        /// Why it is.
        reason: String,
    },
    /// The order is not on hold.
    #[error("the order is not on hold")]
    OrderNotOnHold,
    /// More units than are open.
    #[error("line {line} has {open} open units, {requested} were asked for")]
    QuantityExceedsOpen {
        /// The line.
        line: LineId,
        /// Units asked for.
        requested: u32,
        /// Units open.
        open: u32,
    },
    /// Fewer units than are cancelled or in shipments.
    #[error(
        "line {line} has {committed} units cancelled or in shipments, the quantity cannot be {requested}"
    )]
    QuantityBelowCommitted {
        /// The line.
        line: LineId,
        /// Units asked for.
        requested: u32,
        /// Units cancelled or in shipments.
        committed: u32,
    },
    /// A line with units in shipments cannot be removed.
    #[error("line {0} has units in shipments")]
    LineHasShipments(LineId),
    /// Items have shipped.
    #[error("items have shipped")]
    OrderHasShippedItems,
    /// Shipments are pending.
    #[error("{pending} shipments are pending")]
    OrderHasActiveShipments {
        /// How many.
        pending: usize,
    },
    /// Something is still to be shipped.
    #[error("{open} units are still to be shipped and {pending} shipments are pending")]
    ItemsOpen {
        /// Units to be shipped.
        open: u64,
        /// Shipments that are pending.
        pending: usize,
    },
    /// Something is still to be paid.
    #[error("{balance} is still to be paid")]
    PaymentOutstanding {
        /// How much.
        balance: Money,
    },
    /// The shipment's state does not allow it.
    #[error("shipment {shipment} is {}, not {}", state.name(), allowed.name())]
    InvalidShipmentState {
        /// The shipment.
        shipment: ShipmentId,
        /// Its state.
        state: ShipmentState,
        /// The state it would have to be in.
        allowed: ShipmentState,
    },
}

/// A command was refused and changed nothing: all the rules it breaks, at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Rejected(pub Vec<Violation>);

impl From<Violation> for Rejected {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

/// Collects violations, each once, until all rules were looked at.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) fn add(&mut self, violation: Violation) {
        if !self.0.contains(&violation) {
            self.0.push(violation);
        }
    }

    pub(crate) fn add_if(&mut self, broken: bool, violation: Violation) {
        if broken {
            self.add(violation);
        }
    }

    pub(crate) fn extend(&mut self, violations: impl IntoIterator<Item = Violation>) {
        violations.into_iter().for_each(|violation| self.add(violation));
    }

    /// The value of a check that may have failed, which is noted.
    pub(crate) fn note<T>(&mut self, checked: Result<T, Violation>) -> Option<T> {
        checked.map_err(|violation| self.add(violation)).ok()
    }

    /// Refuses the command if there are any.
    pub(crate) fn none(self) -> Result<(), Rejected> {
        if self.0.is_empty() { Ok(()) } else { Err(Rejected(self.0)) }
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
