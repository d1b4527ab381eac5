//! The scripts that pgbench runs, made from rows that the service has written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{change, get, list, place_cte, place_separate};
use crate::{
    dataset::{Column, Row, Spread, Table, literal, names},
    workloads::{GET_SHARE, LIST_SHARE, PLACE_SHARE},
};

/// A script, and how often it runs in comparison to the others of the same run.
pub(crate) type Weighted = (PathBuf, u32);

/// Every script, in files.
#[derive(Debug)]
pub(crate) struct Scripts {
    /// Places an order with one statement.
    pub(crate) place_cte: Vec<Weighted>,
    /// Places an order with one statement per table.
    pub(crate) place_separate: Vec<Weighted>,
    /// Puts an order on hold with one statement per step.
    pub(crate) change: Vec<Weighted>,
    /// Reads an order.
    pub(crate) get: Vec<Weighted>,
    /// Reads a page of a list.
    pub(crate) list: Vec<Weighted>,
    /// Reads the columns of a page of a list.
    pub(crate) list_columns: Vec<Weighted>,
    /// A bit of everything, placing with one statement.
    pub(crate) mix: Vec<Weighted>,
}

/// What the scripts are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    /// The rows of an order that the service has placed.
    pub(crate) placed: &'a [Table],
    /// The same rows after the service has put the order on hold, without the row in the history of its placement.
    pub(crate) held: &'a [Table],
    /// Which orders are read.
    pub(crate) orders: Spread,
    /// Whose orders are placed and listed.
    pub(crate) customers: Spread,
    /// The orders that floors change: these numbers, the last one not included.
    pub(crate) changed: (u64, u64),
}

impl Scripts {
    /// Writes the scripts into a folder.
    pub(crate) fn write(folder: &Path, sample: Sample<'_>) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let write = |name: &str, script: String| -> Result<PathBuf> {
            let path = folder.join(format!("{name}.sql"));
            fs::write(&path, script).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(path)
        };
        let place_cte = write("place-cte", place_cte::script(sample))?;
        let get = write("get", get::script(sample))?;
        let list = write("list", list::script(sample))?;
        let mix =
            vec![(get.clone(), GET_SHARE), (list.clone(), LIST_SHARE), (place_cte.clone(), PLACE_SHARE)];
        let only = |script| vec![(script, 1)];
        Ok(Self {
            place_cte: only(place_cte),
            place_separate: only(write("place-separate", place_separate::script(sample))?),
            change: only(write("change", change::script(sample))?),
            get: only(get),
            list: only(list),
            list_columns: only(write("list-columns", list::script_of_columns(sample))?),
            mix,
        })
    }
}

/// Sets `:n` to a number that no run has used before: a client counts its transactions in `:i`, and every run has a `:base`
/// of its own. All clients together go up, as the ids that services make do.
pub(super) const NEW_NUMBER: &str = "\\set i :i + 1\n\\set n :base + :i * 1000 + :client_id\n";
/// SQL for the id of the order that is made from `:n`.
const NEW_ORDER: &str = "('01910000-0000-7000-8000-' || :n)::uuid";

/// Sets `:c` to the digits of a random customer.
pub(super) fn random_customer(customers: Spread) -> String {
    let (last, step) = (customers.count() - 1, customers.step());
    format!("\\set c random(0, {last}) * {step} + {}\n", names::customer_digits(0))
}

/// Sets `:o` to the digits of a random order.
pub(super) fn random_order(orders: Spread) -> String {
    let (last, step) = (orders.count() - 1, orders.step());
    format!("\\set o random(0, {last}) * {step} + {}\n", names::order_digits(0))
}

/// `INSERT INTO .. VALUES ..` with all rows of the table, for the new order `:n` of the customer `:c`. Columns in `replaced`
/// have that SQL for their value.
pub(super) fn insert(table: &Table, replaced: &[(&str, &str)]) -> String {
    let columns = table.rows.first().map(column_names).unwrap_or_default();
    let rows: Vec<_> = table.rows.iter().map(|row| format!("({})", values(row, replaced))).collect();
    format!("INSERT INTO {} ({columns}) VALUES {}", table.name, rows.join(", "))
}

/// What a new order has of its own.
pub(super) fn of_new_order() -> [(&'static str, String); 3] {
    [
        ("order_id", NEW_ORDER.to_owned()),
        ("customer_id", names::customer_from_digits(":c")),
        ("order_number", "'F' || :n".to_owned()),
    ]
}

fn column_names(row: &Row) -> String {
    row.0.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn values(row: &Row, replaced: &[(&str, &str)]) -> String {
    let value = |column: &Column| {
        if column.value.is_none() {
            return literal(column);
        }
        match replaced.iter().find(|(name, _)| *name == column.name) {
            Some((_, sql)) => (*sql).to_owned(),
            None if column.kind == "timestamp with time zone" => "now()".to_owned(),
            None if column.name == "request_id" => "gen_random_uuid()".to_owned(),
            None => literal(column),
        }
    };
    row.0.iter().map(value).collect::<Vec<_>>().join(", ")
}
