//! Reads the first page of a customer's orders.

use super::script::{Sample, random_customer};
use crate::{dataset::names, workloads::PAGE};

/// What a row of a list is made of, column by column.
const COLUMNS: &str = "order_id, version, order_number, state, payment_state, fulfillment_state, hold_reason, hold_time, \
     channel, customer_id, external_source, external_id, tags, currency, total, balance, create_time, update_time, \
     place_time, confirm_time, complete_time, cancel_time";

/// The script that reads what the service sends on, as it is stored.
pub(super) fn script(sample: Sample<'_>) -> String {
    format!("{}{};\n", random_customer(sample.customers), query())
}

/// The script that reads the columns that say the same, as programs do that have no such form of it.
pub(super) fn script_of_columns(sample: Sample<'_>) -> String {
    format!("{}{};\n", random_customer(sample.customers), page_of(COLUMNS))
}

/// The query, with `:c` for the digits of the customer.
pub(crate) fn query() -> String {
    page_of("order_id, create_time, basic_view")
}

/// Like the service, it looks whether there is one more.
fn page_of(columns: &str) -> String {
    let customer = names::customer_from_digits(":c");
    format!(
        "SELECT {columns} FROM order_summaries WHERE tenant_id = 'default' AND customer_id = {customer} \
         ORDER BY create_time DESC, order_id DESC LIMIT {}",
        PAGE + 1
    )
}
