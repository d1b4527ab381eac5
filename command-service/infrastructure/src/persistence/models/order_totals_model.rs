//! Rows of `orders`: the columns that follow from the rest of an order, kept for those who read. They are written only.

use diesel::sql_types::{BigInt, Binary, Integer, SmallInt};
use prost::Message as _;
use shared_domain::{Money, OrderSnapshot};
use shared_infrastructure::wire::enums;

use super::{order_model::bigint, stored::smallint};
use crate::{persistence::row::row, published};

row! {
    /// Sums, derived states, numbers of parts, and what lists show.
    OrderTotalsRow {
        payment_state: SmallInt => i16,
        fulfillment_state: SmallInt => i16,
        subtotal: BigInt => i64,
        discount: BigInt => i64,
        surcharge: BigInt => i64,
        shipping: BigInt => i64,
        tax: BigInt => i64,
        total: BigInt => i64,
        balance: BigInt => i64,
        line_count: Integer => i32,
        adjustment_count: Integer => i32,
        payment_count: Integer => i32,
        shipment_count: Integer => i32,
        basic_view: Binary => Vec<u8>,
        basic_view_version: BigInt => i64,
    }
}

impl From<&OrderSnapshot> for OrderTotalsRow {
    fn from(order: &OrderSnapshot) -> Self {
        let t = order.totals();
        let [subtotal, discount, surcharge, shipping, tax, total] =
            [t.subtotal, t.discount, t.surcharge, t.shipping, t.tax, t.total].map(Money::minor_units);
        let count = |parts: usize| i32::try_from(parts).expect("an order has few parts");
        Self {
            payment_state: smallint(enums::payment_state::number(order.payment_state())),
            fulfillment_state: smallint(enums::fulfillment_state::number(order.fulfillment_state())),
            subtotal,
            discount,
            surcharge,
            shipping,
            tax,
            total,
            balance: order.balance_of(t.total).minor_units(),
            line_count: count(order.lines.len()),
            adjustment_count: count(order.adjustments.len()),
            payment_count: count(order.payments.len()),
            shipment_count: count(order.shipments.len()),
            basic_view: published::basic_view(order).encode_to_vec(),
            basic_view_version: bigint(order.version),
        }
    }
}
