//! Discounts and surcharges.

use super::Violation;
use crate::{AdjustmentId, Code, LineId, Money, Reason};

/// Something taken off or added to a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its number in the order.
    pub id: AdjustmentId,
    /// Whether it takes off or adds.
    pub kind: AdjustmentKind,
    /// What it applies to.
    pub scope: AdjustmentScope,
    /// How much. Once it is spread over lines, units that leave the order take their share of it along.
    pub amount: Money,
    /// What gave it.
    pub source_code: Code,
    /// Why, for people.
    pub reason: Option<Reason>,
    /// How it is spread over the lines: empty before placement, and always for the scope SHIPPING.
    pub allocations: Vec<Allocation>,
}

/// An adjustment to be added to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdjustment {
    /// Whether it takes off or adds.
    pub kind: AdjustmentKind,
    /// What it applies to.
    pub scope: AdjustmentScope,
    /// How much, above zero.
    pub amount: Money,
    /// What gave it.
    pub source_code: Code,
    /// Why, for people.
    pub reason: Option<Reason>,
}

impl NewAdjustment {
    /// It starts above zero; only later may it shrink to nothing.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        if self.amount.minor_units() > 0 {
            return Ok(());
        }
        Err(Violation::MoneyOutOfRange { what: "a new adjustment", rule: "above zero" })
    }

    pub(crate) fn numbered(self, id: AdjustmentId) -> Adjustment {
        let Self { kind, scope, amount, source_code, reason } = self;
        Adjustment { id, kind, scope, amount, source_code, reason, allocations: vec![] }
    }
}

/// The direction of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentKind {
    /// Takes off.
    Discount,
    /// Adds.
    Surcharge,
}

/// What an adjustment applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdjustmentScope {
    /// The sum of the lines.
    Order,
    /// One line.
    Line(LineId),
    /// The shipping cost.
    Shipping,
}

/// The share of an adjustment that the units of a line bear which are not cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// The line.
    pub line_id: LineId,
    /// Its share.
    pub amount: Money,
}
