//! Reads one order by its id.

use super::script::{Sample, random_order};
use crate::dataset::names;

/// The script.
pub(super) fn script(sample: Sample<'_>) -> String {
    format!("{}{};\n", random_order(sample.orders), query())
}

/// The query, with `:o` for the digits of the order.
pub(crate) fn query() -> String {
    let order = names::order_from_digits(":o");
    format!(
        "SELECT order_id, version, published_state FROM order_details \
         WHERE tenant_id = 'default' AND order_id = {order}"
    )
}
