//! Reads the first page of a customer's orders.

use super::script::{Sample, random_customer};
use crate::{dataset::names, workloads::PAGE};

/// The script.
pub(super) fn script(sample: Sample<'_>) -> String {
    format!("{}{};\n", random_customer(sample.customers), query())
}

/// The query, with `:c` for the digits of the customer. Like the service, it looks whether there is one more.
pub(crate) fn query() -> String {
    let customer = names::customer_from_digits(":c");
    format!(
        "SELECT order_id, version, order_number, state, payment_state, fulfillment_state, hold_reason, hold_time, \
         channel, customer_id, external_source, external_id, tags, currency, total, balance, create_time, update_time, \
         place_time, confirm_time, complete_time, cancel_time FROM order_summaries \
         WHERE tenant_id = 'default' AND customer_id = {customer} \
         ORDER BY create_time DESC, order_id DESC LIMIT {}",
        PAGE + 1
    )
}
