//! Shows what became of the orders, as the query service sees them.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use anyhow::Result;
use orders_proto::{
    google::r#type::Money,
    orders::v1::{FulfillmentState, Order, OrderState, PaymentState},
};

/// Writes the tables to standard output.
pub(super) fn show(
    orders: &[Order],
    tag: &str,
    commands: u64,
    took: Duration,
    query_address: &str,
) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{} orders, {commands} commands, {:.1} s", orders.len(), took.as_secs_f64())?;
    counts(&mut out, "state", orders, |order| {
        plain(order.state().as_str_name(), OrderState::default().as_str_name())
    })?;
    counts(&mut out, "payment", orders, |order| {
        plain(order.payment_state().as_str_name(), PaymentState::default().as_str_name())
    })?;
    counts(&mut out, "fulfilment", orders, |order| {
        plain(order.fulfillment_state().as_str_name(), FulfillmentState::default().as_str_name())
    })?;
    sums(&mut out, orders)?;
    if let Some(order) = orders.first() {
        writeln!(out, "\nThe life of the first one, and all of them:\n")?;
        let service = "orders.v1.OrderQueryService";
        writeln!(
            out,
            "grpcurl -plaintext -d '{{\"name\": \"{}\"}}' {query_address} {service}/ListOrderHistory\n",
            order.name
        )?;
        writeln!(
            out,
            "grpcurl -plaintext -d '{{\"filter\": \"tags:\\\"{tag}\\\"\"}}' {query_address} {service}/ListOrders"
        )?;
    }
    Ok(())
}

/// The name of an enum's value without its prefix, which is what the unspecified value's name begins with.
fn plain(name: &'static str, unspecified: &'static str) -> &'static str {
    unspecified.strip_suffix("UNSPECIFIED").and_then(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

fn counts(
    out: &mut impl Write,
    title: &str,
    orders: &[Order],
    state: impl Fn(&Order) -> &'static str,
) -> io::Result<()> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for order in orders {
        *counts.entry(state(order)).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    writeln!(out, "\n  {title:<22} orders")?;
    for (state, count) in rows {
        writeln!(out, "  {state:<22} {count:>6}  {}", "▇".repeat(count * 40 / orders.len().max(1)))?;
    }
    Ok(())
}

fn sums(out: &mut impl Write, orders: &[Order]) -> io::Result<()> {
    let mut sums = BTreeMap::<&str, Sum>::new();
    for order in orders {
        let sum = sums.entry(&order.currency_code).or_default();
        sum.orders += 1;
        sum.total += order.totals.as_ref().and_then(|totals| totals.total.as_ref()).map_or(0, nanos);
        sum.due += order.balance.as_ref().map_or(0, nanos);
    }
    writeln!(out, "\n  {:<22} {:>6} {:>16} {:>16}", "currency", "orders", "total", "still due")?;
    for (currency, Sum { orders, total, due }) in sums {
        writeln!(out, "  {currency:<22} {orders:>6} {:>16} {:>16}", amount(total), amount(due))?;
    }
    Ok(())
}

#[derive(Default)]
struct Sum {
    orders: usize,
    /// In billionths.
    total: i128,
    /// In billionths.
    due: i128,
}

/// An amount in billionths, whatever its currency's decimals are.
fn nanos(money: &Money) -> i128 {
    i128::from(money.units) * 1_000_000_000 + i128::from(money.nanos)
}

fn amount(nanos: i128) -> String {
    let (sign, size) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    format!("{sign}{}.{:02}", size / 1_000_000_000, size % 1_000_000_000 / 10_000_000)
}
