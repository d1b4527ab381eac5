//! The rows that a commit of the real service has written, whatever its tables are. The data set and the floors are made
//! of them, so that they write what the service writes.

use anyhow::{Context, Result, ensure};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

/// A table, and the rows in it that are about one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: String,
    /// Its rows, in the order of their keys.
    pub(crate) rows: Vec<Row>,
}

/// One row, without the columns that the database itself fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Column>);

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// The column's name.
    pub(crate) name: String,
    /// Its type, as SQL names it.
    pub(crate) kind: String,
    /// The value as SQL shows it; none if it is null.
    pub(crate) value: Option<String>,
}

impl Row {
    /// The value of a column, if it is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|column| column.name == name)?.value.as_deref()
    }
}

/// The tables that hold anything about an order, `orders` first because the others refer to it.
const TABLES: &str = "SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'order_id')
    ORDER BY c.relname <> 'orders', c.relname";

/// The columns of a table that a writer fills: not the numbers and transaction ids that the database gives.
const COLUMNS: &str =
    "SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
    WHERE a.attrelid = 'TABLE'::regclass AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attidentity = '' AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype
    ORDER BY a.attnum";

/// Everything that is stored about the order with this UUID.
pub(crate) async fn rows_of(client: &Client, order: &str) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for table in select(client, TABLES).await? {
        let name = text(&table, 0)?;
        let columns = select(client, &COLUMNS.replace("TABLE", &name)).await?;
        let columns: Vec<_> =
            columns.iter().map(|column| Ok((text(column, 0)?, text(column, 1)?))).collect::<Result<_>>()?;
        let list: Vec<_> = columns.iter().map(|(column, _)| format!("{column}::text")).collect();
        let query =
            format!("SELECT {} FROM {name} WHERE order_id = '{order}' ORDER BY ctid", list.join(", "));
        let rows: Vec<_> = select(client, &query).await?.iter().map(|row| values(row, &columns)).collect();
        if !rows.is_empty() {
            tables.push(Table { name, rows });
        }
    }
    ensure!(tables.first().is_some_and(|table| table.name == "orders"), "there is no order {order}");
    Ok(tables)
}

fn values(row: &SimpleQueryRow, columns: &[(String, String)]) -> Row {
    let value = |(at, (name, kind)): (usize, &(String, String))| Column {
        name: name.clone(),
        kind: kind.clone(),
        value: row.get(at).map(str::to_owned),
    };
    Row(columns.iter().enumerate().map(value).collect())
}

fn text(row: &SimpleQueryRow, at: usize) -> Result<String> {
    Ok(row.get(at).context("the catalogue has no null there")?.to_owned())
}

async fn select(client: &Client, query: &str) -> Result<Vec<SimpleQueryRow>> {
    let messages = client.simple_query(query).await.with_context(|| query.to_owned())?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows.collect())
}
