//! Orders as numbers and texts, once as the tables have them and once as the read model says them.

use std::collections::BTreeMap;

use orders_proto::{
    google::r#type::Money,
    orders::v1::{Order, OrderLine, Totals},
};
use prost::Message;
use tokio_postgres::{Client, Error};

use crate::load::minor_units;

/// An order as numbers and texts that both sides have: its header, its lines, its money, its parcels.
pub(super) type Facts = (Vec<i64>, Vec<Option<String>>, [Vec<Vec<i64>>; 4]);

/// What the tables hold, by order.
pub(super) async fn stored(sql: &Client) -> Result<BTreeMap<String, Facts>, Error> {
    let mut facts: BTreeMap<String, Facts> = BTreeMap::new();
    let header =
        "SELECT order_id::text, ARRAY[version, state, payment_state, fulfillment_state, subtotal, discount,
            surcharge, shipping, tax, total, balance, coalesce(cancel_reason, 0)],
            ARRAY['orders/' || order_id, order_number, channel, customer_id, external_id, hold_reason, purchase_order_number,
            contact->>'name', shipping_address->>'locality', currency]
        FROM orders";
    for row in sql.query(header, &[]).await? {
        let (order, numbers, texts): (String, Vec<i64>, Vec<Option<String>>) =
            (row.get(0), row.get(1), row.get(2));
        facts.insert(order, (numbers, texts.into_iter().map(filled).collect(), Default::default()));
    }
    let parts = [
        "SELECT order_id::text, ARRAY[line_id, unit_price, tax_amount, ordered, cancelled, in_shipment, shipped, delivered]
         FROM order_lines ORDER BY order_id, line_id",
        "SELECT order_id::text, ARRAY[adjustment_id, kind, scope, coalesce(line_id, 0), amount]::bigint[]
         FROM order_adjustments ORDER BY order_id, adjustment_id",
        "SELECT order_id::text, ARRAY[payment_id, transaction_id, kind, state, amount]::bigint[]
         FROM payment_transactions ORDER BY order_id, payment_id, transaction_id",
        "SELECT order_id::text, ARRAY[shipment_id, state, jsonb_array_length(items), coalesce(failure_reason, 0)]::bigint[]
         FROM shipments ORDER BY order_id, shipment_id",
    ];
    for (part, statement) in parts.into_iter().enumerate() {
        for row in sql.query(statement, &[]).await? {
            let (order, numbers): (String, Vec<i64>) = (row.get(0), row.get(1));
            facts.entry(order).or_default().2[part].push(numbers);
        }
    }
    Ok(facts)
}

/// What the read model says, by order.
pub(super) async fn published(sql: &Client) -> Result<BTreeMap<String, Facts>, Error> {
    let rows = sql.query("SELECT order_id::text, published_state FROM order_details", &[]).await?;
    let facts = rows.iter().map(|row| {
        let state: Option<&[u8]> = row.get(1);
        let order = Order::decode(state.unwrap_or_default()).unwrap_or_default();
        (row.get(0), facts(&order))
    });
    Ok(facts.collect())
}

/// The orders without a row for lists that was stored with their version, and those whose row shows something else than they do.
pub(super) async fn shown_otherwise(sql: &Client) -> Result<Vec<String>, Error> {
    let rows =
        sql.query("SELECT order_id::text, basic_view, published_state FROM order_summaries", &[]).await?;
    let otherwise = rows.iter().filter(|row| {
        let [basic, whole] = [1, 2].map(|column| {
            let state: Option<&[u8]> = row.get(column);
            Order::decode(state.unwrap_or_default()).unwrap_or_default()
        });
        basic != in_a_list(whole)
    });
    Ok(otherwise.map(|row| row.get(0)).collect())
}

/// What the contract has a list show of an order.
#[must_use]
pub fn in_a_list(order: Order) -> Order {
    Order {
        purchase_order_number: String::new(),
        contact: None,
        billing_address: None,
        shipping_address: None,
        metadata: Default::default(),
        lines: Vec::new(),
        adjustments: Vec::new(),
        shipping_lines: Vec::new(),
        totals: order.totals.map(|totals| Totals { total: totals.total, ..Totals::default() }),
        payments: Vec::new(),
        shipments: Vec::new(),
        cancellation: None,
        consistency_token: String::new(),
        ..order
    }
}

fn facts(order: &Order) -> Facts {
    let totals = order.totals.clone().unwrap_or_default();
    let amounts =
        [&totals.subtotal, &totals.discount, &totals.surcharge, &totals.shipping, &totals.tax, &totals.total];
    let mut header =
        vec![order.version, order.state.into(), order.payment_state.into(), order.fulfillment_state.into()];
    header.extend(amounts.into_iter().chain([&order.balance]).map(amount));
    header.push(order.cancellation.as_ref().map_or(0, |cancellation| cancellation.reason.into()));
    let texts = [
        Some(&order.name),
        Some(&order.order_number),
        Some(&order.channel),
        Some(&order.customer_id),
        order.external_reference.as_ref().map(|reference| &reference.id),
        order.hold.as_ref().map(|hold| &hold.reason),
        Some(&order.purchase_order_number),
        order.contact.as_ref().map(|contact| &contact.name),
        order.shipping_address.as_ref().map(|address| &address.locality),
        Some(&order.currency_code),
    ];
    let texts = texts.map(|text| filled(text.cloned())).into();
    (header, texts, [lines(order), adjustments(order), transactions(order), shipments(order)])
}

fn lines(order: &Order) -> Vec<Vec<i64>> {
    let line = |line: &OrderLine| {
        let [price, tax] = [&line.unit_price, &line.tax_amount].map(amount);
        let units = line.quantities.unwrap_or_default();
        let units = [units.ordered, units.cancelled, units.in_shipment, units.shipped, units.delivered];
        [i64::from(line.line_id), price, tax].into_iter().chain(units.map(i64::from)).collect()
    };
    order.lines.iter().map(line).collect()
}

fn adjustments(order: &Order) -> Vec<Vec<i64>> {
    let adjustments = order.adjustments.iter().map(|adjustment| {
        let amount = amount(&adjustment.amount);
        let (id, line) = (adjustment.adjustment_id.into(), adjustment.line_id.into());
        vec![id, adjustment.kind.into(), adjustment.scope.into(), line, amount]
    });
    adjustments.collect()
}

fn transactions(order: &Order) -> Vec<Vec<i64>> {
    let mut transactions = Vec::new();
    for payment in &order.payments {
        for transaction in &payment.transactions {
            let amount = amount(&transaction.amount);
            let ids = [payment.payment_id.into(), transaction.transaction_id.into()];
            let states = [transaction.kind.into(), transaction.state.into()];
            transactions.push([ids.as_slice(), &states, &[amount]].concat());
        }
    }
    transactions
}

fn shipments(order: &Order) -> Vec<Vec<i64>> {
    let shipments = order.shipments.iter().map(|shipment| {
        let items = i64::try_from(shipment.items.len()).unwrap_or(i64::MAX);
        vec![shipment.shipment_id.into(), shipment.state.into(), items, shipment.failure_reason.into()]
    });
    shipments.collect()
}

/// Tables and messages differ in whether what is not there is empty or nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The minor units of an amount; no real one where there is none.
fn amount(amount: &Option<Money>) -> i64 {
    amount.as_ref().map_or(i64::MIN, minor_units)
}
