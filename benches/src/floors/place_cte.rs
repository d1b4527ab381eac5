//! Places an order with one statement for all its rows.

use super::script::{NEW_NUMBER, Sample, insert, of_new_order, random_customer};
use crate::dataset::Table;

/// The script.
pub(super) fn script(sample: Sample<'_>) -> String {
    format!("{NEW_NUMBER}{}{};\n", random_customer(sample.customers), statement(sample.placed))
}

/// The statement, with `:n` for the digits of the new order and `:c` for those of its customer.
pub(crate) fn statement(placed: &[Table]) -> String {
    let own = of_new_order();
    let own: Vec<_> = own.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let mut inserts: Vec<_> = placed.iter().map(|table| insert(table, &own)).collect();
    let last = inserts.pop().unwrap_or_default();
    let steps: Vec<_> =
        inserts.iter().enumerate().map(|(number, insert)| format!("step{number} AS ({insert})")).collect();
    format!("WITH {} {last}", steps.join(", "))
}
