//! Rows of `order_adjustments`.

use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, SmallInt, Text};
use orders_proto::orders::v1 as proto;
use serde::{Deserialize, Serialize};
use shared_domain::{
    Adjustment, AdjustmentId, AdjustmentScope, Allocation, Code, Currency, LineId, Money, MoneyError, Reason,
};
use shared_infrastructure::wire::enums;

use super::stored::{Corrupt, Stored, filled, integer, smallint, text};
use crate::persistence::{
    json::Json,
    row::{PartRow, row},
};

row! {
    /// A discount or surcharge of an order.
    OrderAdjustmentRow {
        adjustment_id: Integer => i32,
        kind: SmallInt => i16,
        scope: SmallInt => i16,
        line_id: Nullable<Integer> => Option<i32>,
        amount: BigInt => i64,
        source_code: Text => String,
        reason: Text => String,
        allocations: Jsonb => Json<Vec<AllocationJson>>,
    }
}

/// A line's share of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::persistence) struct AllocationJson {
    line_id: u32,
    amount: i64,
}

impl PartRow for OrderAdjustmentRow {
    const TABLE: &'static str = "order_adjustments";

    fn number(&self) -> i32 {
        self.adjustment_id
    }
}

impl From<&Adjustment> for OrderAdjustmentRow {
    fn from(adjustment: &Adjustment) -> Self {
        let (scope, line_id) = match adjustment.scope {
            AdjustmentScope::Order => (proto::AdjustmentScope::Order, None),
            AdjustmentScope::Line(line_id) => (proto::AdjustmentScope::Line, Some(integer(line_id.0))),
            AdjustmentScope::Shipping => (proto::AdjustmentScope::Shipping, None),
        };
        let share = |share: &Allocation| AllocationJson {
            line_id: share.line_id.0,
            amount: share.amount.minor_units(),
        };
        Self {
            adjustment_id: integer(adjustment.id.0),
            kind: smallint(enums::adjustment_kind::number(adjustment.kind)),
            scope: smallint(scope.into()),
            line_id,
            amount: adjustment.amount.minor_units(),
            source_code: adjustment.source_code.as_str().to_owned(),
            reason: text!(adjustment.reason),
            allocations: Json(adjustment.allocations.iter().map(share).collect()),
        }
    }
}

impl OrderAdjustmentRow {
    /// The adjustment of an order in this currency.
    pub(super) fn restore(self, currency: Currency) -> Result<Adjustment, Corrupt> {
        let scope = match (proto::AdjustmentScope::try_from(i32::from(self.scope)), self.line_id) {
            (Ok(proto::AdjustmentScope::Order), None) => AdjustmentScope::Order,
            (Ok(proto::AdjustmentScope::Line), Some(line_id)) => {
                AdjustmentScope::Line(LineId(line_id.try_into().stored("order_adjustments.line_id")?))
            }
            (Ok(proto::AdjustmentScope::Shipping), None) => AdjustmentScope::Shipping,
            _ => return Err(Corrupt("order_adjustments.scope")),
        };
        let share = |share: AllocationJson| -> Result<_, MoneyError> {
            Ok(Allocation { line_id: LineId(share.line_id), amount: Money::new(share.amount, currency)? })
        };
        let allocations: Result<_, _> = self.allocations.0.into_iter().map(share).collect();
        Ok(Adjustment {
            id: AdjustmentId(self.adjustment_id.try_into().stored("order_adjustments.adjustment_id")?),
            kind: enums::adjustment_kind::from_number(self.kind.into()).stored("order_adjustments.kind")?,
            scope,
            amount: Money::new(self.amount, currency).stored("order_adjustments.amount")?,
            source_code: Code::new(self.source_code).stored("order_adjustments.source_code")?,
            reason: filled(self.reason, Reason::new, "order_adjustments.reason")?,
            allocations: allocations.stored("order_adjustments.allocations")?,
        })
    }
}
