//! Puts an order on hold as most programs do: a transaction that reads the order, updates it and writes its history.

use super::script::{Sample, insert};
use crate::dataset::{Column, Row, Table, literal, names};

/// The script. It changes what the service changes in `orders`, and adds the row that the service adds to the history.
pub(super) fn script(sample: Sample<'_>) -> String {
    let (first, last) = sample.changed;
    let random =
        format!("\\set o random({}, {})\n", names::order_digits(first), names::order_digits(last - 1));
    let order = names::order_from_digits(":o");
    let tenant = tenant(sample.placed);
    let this = format!("tenant_id = {tenant} AND order_id = {order}");
    let changes = changes(sample.placed, sample.held);
    let history = sample.held.iter().filter(|table| table.name != "orders").map(|table| {
        let added = Table { name: table.name.clone(), rows: added(table, sample.placed) };
        let own = [("order_id", order.as_str()), ("version", ":version::bigint")];
        if added.rows.is_empty() { String::new() } else { format!("{};\n", insert(&added, &own)) }
    });
    format!(
        "{random}BEGIN;\nSELECT * FROM orders WHERE {this};\n\
         UPDATE orders SET {changes} WHERE {this} RETURNING version \\gset\n{}COMMIT;\n",
        history.collect::<String>()
    )
}

/// SQL for the tenant of all orders.
fn tenant(placed: &[Table]) -> String {
    let order = placed.first().and_then(|table| table.rows.first());
    let column = order.and_then(|row| row.0.iter().find(|column| column.name == "tenant_id"));
    column.map(literal).unwrap_or_default()
}

/// The assignments that make of the one row in `orders` the other.
fn changes(placed: &[Table], held: &[Table]) -> String {
    let columns = |tables: &[Table]| -> Vec<Column> {
        tables
            .first()
            .and_then(|table| table.rows.first())
            .map(|Row(columns)| columns.clone())
            .unwrap_or_default()
    };
    let (before, after) = (columns(placed), columns(held));
    let changed = before.iter().zip(&after).filter(|(before, after)| before.value != after.value);
    let assignment = |column: &Column| match (column.name.as_str(), column.kind.as_str()) {
        (name @ ("version" | "basic_view_version"), _) => format!("{name} = version + 1"),
        (name, "timestamp with time zone") => format!("{name} = now()"),
        (name, _) => format!("{name} = {}", literal(column)),
    };
    changed.map(|(_, after)| assignment(after)).collect::<Vec<_>>().join(", ")
}

/// The rows of a table that were not there before. What was there and was changed belongs to `orders` alone.
fn added(table: &Table, placed: &[Table]) -> Vec<Row> {
    let before = placed.iter().find(|before| before.name == table.name);
    let old = |row: &Row| before.is_some_and(|before| before.rows.contains(row));
    table.rows.iter().filter(|row| !old(row)).cloned().collect()
}
