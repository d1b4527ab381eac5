//! Places an order as most programs do: a transaction with one statement per table.

use super::script::{NEW_NUMBER, Sample, insert, of_new_order, random_customer};

/// The script.
pub(super) fn script(sample: Sample<'_>) -> String {
    let own = of_new_order();
    let own: Vec<_> = own.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let inserts: String = sample.placed.iter().map(|table| format!("{};\n", insert(table, &own))).collect();
    format!("{NEW_NUMBER}{}BEGIN;\n{inserts}COMMIT;\n", random_customer(sample.customers))
}
