//! Rows of `order_lines`.

use diesel::sql_types::{BigInt, Bool, Integer, Text};
use shared_domain::{Currency, Line, LineId, Money, Sku, Title};

use super::stored::{Corrupt, Stored, filled, integer, text};
use crate::persistence::row::{PartRow, row};

row! {
    /// A line of an order.
    OrderLineRow {
        line_id: Integer => i32,
        sku: Text => String,
        title: Text => String,
        requires_shipping: Bool => bool,
        unit_price: BigInt => i64,
        tax_amount: BigInt => i64,
        ordered: Integer => i32,
        cancelled: Integer => i32,
        in_shipment: Integer => i32,
        shipped: Integer => i32,
        delivered: Integer => i32,
    }
}

impl PartRow for OrderLineRow {
    const TABLE: &'static str = "order_lines";

    fn number(&self) -> i32 {
        self.line_id
    }
}

impl From<&Line> for OrderLineRow {
    fn from(line: &Line) -> Self {
        Self {
            line_id: integer(line.id.0),
            sku: line.sku.as_str().to_owned(),
            title: text!(line.title),
            requires_shipping: line.requires_shipping,
            unit_price: line.unit_price.minor_units(),
            tax_amount: line.tax_amount.minor_units(),
            ordered: integer(line.ordered),
            cancelled: integer(line.cancelled),
            in_shipment: integer(line.in_shipment),
            shipped: integer(line.shipped),
            delivered: integer(line.delivered),
        }
    }
}

impl OrderLineRow {
    /// The line of an order in this currency.
    pub(super) fn restore(self, currency: Currency) -> Result<Line, Corrupt> {
        Ok(Line {
            id: LineId(self.line_id.try_into().stored("order_lines.line_id")?),
            sku: Sku::new(self.sku).stored("order_lines.sku")?,
            title: filled(self.title, Title::new, "order_lines.title")?,
            requires_shipping: self.requires_shipping,
            unit_price: Money::new(self.unit_price, currency).stored("order_lines.unit_price")?,
            tax_amount: Money::new(self.tax_amount, currency).stored("order_lines.tax_amount")?,
            ordered: self.ordered.try_into().stored("order_lines.ordered")?,
            cancelled: self.cancelled.try_into().stored("order_lines.cancelled")?,
            in_shipment: self.in_shipment.try_into().stored("order_lines.in_shipment")?,
            shipped: self.shipped.try_into().stored("order_lines.shipped")?,
            delivered: self.delivered.try_into().stored("order_lines.delivered")?,
        })
    }
}
