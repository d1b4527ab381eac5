//! Multiplies an order inside the database: each copy has an id, a number, a customer and times of its own, also inside of
//! its published state and its events.

use std::ops::Range;

use anyhow::{Context, Result};
use tokio_postgres::Client;

use super::{
    literal, names,
    rows::{Column, Row, Table},
};
use crate::bed::connect;

/// Orders per statement.
const CHUNK: u64 = 20_000;
/// How many statements at once.
const WRITERS: u64 = 2;
/// How much later than the order before it an order was placed.
const INTERVAL: &str = "interval '100 milliseconds'";

/// Writes these orders of the customers 0 to `customers` - 1, copies of the rows in `tables`. Indexes that no constraint
/// needs are made afterwards: that is faster, and they end up the same. Statistics are left as they are.
pub(crate) async fn fill(url: &str, tables: &[Table], orders: Range<u64>, customers: u64) -> Result<()> {
    let client = connect(url).await?;
    let indexes = take_indexes(&client).await?;
    let statements: Vec<_> =
        tables.iter().flat_map(|table| inserts(table, &tables[0].rows[0], customers)).collect();
    tokio::try_join!(write(url, &statements, 0, &orders), write(url, &statements, 1, &orders))?;
    make_indexes(url, &indexes).await
}

/// Every second chunk from the one numbered `writer` on.
async fn write(url: &str, statements: &[String], writer: u64, orders: &Range<u64>) -> Result<()> {
    let client = connect(url).await?;
    // A copy of an order that is fine is fine: nobody has to check its references.
    client.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off").await?;
    let mut first = orders.start + writer * CHUNK;
    while first < orders.end {
        let last = (first + CHUNK).min(orders.end) - 1;
        let script: Vec<_> = statements
            .iter()
            .map(|insert| format!("{insert} FROM generate_series({first}::bigint, {last}::bigint) AS n"))
            .collect();
        client.batch_execute(&script.join(";\n")).await.context("the orders could not be multiplied")?;
        first += WRITERS * CHUNK;
    }
    Ok(())
}

/// One `INSERT .. SELECT` for each row of the table, without its `FROM`.
fn inserts(table: &Table, order: &Row, customers: u64) -> Vec<String> {
    let insert = |row: &Row| {
        let columns: Vec<_> = row.0.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<_> = row.0.iter().map(|column| value(column, order, customers)).collect();
        format!("INSERT INTO {} ({}) SELECT {}", table.name, columns.join(", "), values.join(", "))
    };
    table.rows.iter().map(insert).collect()
}

fn value(column: &Column, order: &Row, customers: u64) -> String {
    let Some(text) = &column.value else { return literal(column) };
    match (column.name.as_str(), column.kind.as_str()) {
        ("order_id", _) => names::order_sql("n"),
        ("customer_id", _) => customer(customers),
        ("order_number", _) => order_number(text),
        ("request_id", _) => "md5('request' || n)::uuid".to_owned(),
        (_, "timestamp with time zone") => format!("timestamptz '2026-01-01 00:00:00Z' + n * {INTERVAL}"),
        (_, "bytea") => patched(text, order, customers),
        _ => literal(column),
    }
}

fn customer(customers: u64) -> String {
    names::customer_sql(&format!("n % {customers}"))
}

/// A number that is as long as the other order's and that the services do not give.
fn order_number(other: &str) -> String {
    format!("'B' || lpad(to_hex(n), {}, '0')", other.len() - 1)
}

/// Encoded bytes, as SQL shows them, with the names of the order in them replaced. Each name is as long as the one that it
/// replaces, so that nothing else has to change.
fn patched(bytes: &str, order: &Row, customers: u64) -> String {
    let replacements = [
        ("order_id", format!("{}::text", names::order_sql("n"))),
        ("customer_id", customer(customers)),
        ("order_number", order_number(order.get("order_number").unwrap_or("?"))),
    ];
    let mut sql = format!("'{bytes}'::bytea");
    for (column, replacement) in replacements {
        let Some(name) = order.get(column) else { continue };
        let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        // Behind the `\x`, two digits are a byte.
        for (at, _) in bytes.match_indices(&hex).filter(|(at, _)| at % 2 == 0) {
            let (from, length) = ((at - 2) / 2 + 1, name.len());
            sql =
                format!("overlay({sql} PLACING convert_to({replacement}, 'UTF8') FROM {from} FOR {length})");
        }
    }
    sql
}

/// Drops the indexes that no constraint needs, and answers with how to make them again.
async fn take_indexes(client: &Client) -> Result<Vec<String>> {
    let found = client
        .query(
            "SELECT c.relname::text, pg_get_indexdef(i.indexrelid)
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE c.relnamespace = 'public'::regnamespace
               AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
             ORDER BY c.relname",
            &[],
        )
        .await?;
    let mut definitions = Vec::new();
    for index in found {
        client.batch_execute(&format!("DROP INDEX {}", index.get::<_, String>(0))).await?;
        definitions.push(index.get(1));
    }
    Ok(definitions)
}

async fn make_indexes(url: &str, definitions: &[String]) -> Result<()> {
    let (some, others) = definitions.split_at(definitions.len() / 2);
    let make = async |definitions: &[String]| -> Result<()> {
        let client = connect(url).await?;
        client.batch_execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off").await?;
        for definition in definitions {
            client.batch_execute(definition).await.with_context(|| definition.clone())?;
        }
        Ok(())
    };
    tokio::try_join!(make(some), make(others))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: &str, value: &str) -> Column {
        Column { name: name.into(), kind: kind.into(), value: Some(value.into()) }
    }

    #[test]
    fn names_inside_of_bytes_are_replaced_where_they_stand() {
        let order = Row(vec![column("order_number", "text", "1001")]);
        // "..1001." and half a byte further on something that only looks like it.
        let sql = patched("\\x00ff313030310313030310", &order, 7);
        assert_eq!(
            sql,
            "overlay('\\x00ff313030310313030310'::bytea PLACING convert_to('B' || lpad(to_hex(n), 3, '0'), 'UTF8') \
             FROM 3 FOR 4)"
        );
    }

    #[test]
    fn what_has_to_differ_differs_and_the_rest_does_not() {
        let order = Row(vec![
            column("order_id", "uuid", "01900000-0000-7000-8000-000000000000"),
            column("customer_id", "text", "c-1000000"),
            column("channel", "text", "web"),
        ]);
        let table = Table { name: "orders".into(), rows: vec![order.clone()] };
        let sql = inserts(&table, &order, 50);
        assert_eq!(
            sql,
            [
                "INSERT INTO orders (order_id, customer_id, channel) SELECT ('01900000-0000-7000-8000-' || (100000000000 \
              + n))::uuid, ('c-' || (1000000 + n % 50)), 'web'::text"
            ]
        );
    }
}
