//! The books balance: after a random day, what the tables hold is recomputed from the rows below, and the read model says
//! the same as the tables.

mod laws;

use std::collections::BTreeMap;

use orders_proto::orders::v1::{Order, OrderLine};
use prost::Message;

use self::laws::LAWS;
use crate::{
    random_day::RandomDay,
    support::{Sql, System, minor_units},
};

const COMMANDS: u32 = 700;

#[tokio::test(flavor = "multi_thread")]
async fn the_books_balance_after_a_random_day() {
    balance(101).await.assert_varied();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn the_books_balance_after_many_random_days() {
    for seed in 102..112 {
        balance(seed).await;
    }
}

async fn balance(seed: u64) -> RandomDay {
    let system = System::start().await;
    let mut day = RandomDay::new(seed, system.commands().await);
    for _ in 0..COMMANDS {
        day.step().await;
    }
    let sql = system.sql().await;
    check(&sql, &format!("seed {}", day.seed)).await;

    let commits: usize = day.orders.iter().map(|known| known.commits()).sum();
    let rows = sql.number("SELECT count(*) FROM order_history").await;
    assert_eq!(usize::try_from(rows).unwrap(), commits, "seed {}: one row per commit, no other", day.seed);
    let there = day.orders.iter().filter(|known| !known.deleted).count();
    let rows = sql.number("SELECT count(*) FROM orders").await;
    assert_eq!(usize::try_from(rows).unwrap(), there, "seed {}", day.seed);
    day
}

/// Checks every law, and that the published states say what the tables say; `when` is for people.
pub(crate) async fn check(sql: &Sql, when: &str) {
    for (law, statement) in LAWS {
        let broken: Vec<String> = sql
            .rows(statement)
            .await
            .iter()
            .map(|row| format!("{}: {}", row.get::<_, String>(0), row.get::<_, String>(1)))
            .collect();
        assert!(broken.is_empty(), "{when}: not so: {law}\n{}", broken.join("\n"));
    }
    let published = published(sql).await;
    assert_eq!(published, stored(sql).await, "{when}: the read model differs from the tables");
    assert!(!published.is_empty());
}

/// An order as numbers and texts that both sides have: its header, its lines, its money, its parcels.
type Facts = (Vec<i64>, Vec<Option<String>>, [Vec<Vec<i64>>; 4]);

/// What the tables hold, by order.
async fn stored(sql: &Sql) -> BTreeMap<String, Facts> {
    let mut facts: BTreeMap<String, Facts> = BTreeMap::new();
    let header =
        "SELECT order_id::text, ARRAY[version, state, payment_state, fulfillment_state, subtotal, discount,
            surcharge, shipping, tax, total, balance, coalesce(cancel_reason, 0)],
            ARRAY[order_number, channel, customer_id, external_id, hold_reason, purchase_order_number,
            contact->>'name', shipping_address->>'locality', currency]
        FROM orders";
    for row in sql.rows(header).await {
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
        for row in sql.rows(statement).await {
            let (order, numbers): (String, Vec<i64>) = (row.get(0), row.get(1));
            facts.get_mut(&order).unwrap().2[part].push(numbers);
        }
    }
    facts
}

/// What the read model says, by order.
async fn published(sql: &Sql) -> BTreeMap<String, Facts> {
    let rows = sql.rows("SELECT order_id::text, published_state FROM order_details").await;
    let facts = rows.iter().map(|row| {
        let order = Order::decode(row.get::<_, &[u8]>(1)).unwrap();
        assert_eq!(order.name, format!("orders/{}", row.get::<_, &str>(0)));
        (row.get(0), facts(&order))
    });
    facts.collect()
}

fn facts(order: &Order) -> Facts {
    let totals = order.totals.as_ref().unwrap();
    let amounts =
        [&totals.subtotal, &totals.discount, &totals.surcharge, &totals.shipping, &totals.tax, &totals.total];
    let mut header =
        vec![order.version, order.state.into(), order.payment_state.into(), order.fulfillment_state.into()];
    header.extend(
        amounts.into_iter().chain([&order.balance]).map(|amount| minor_units(amount.as_ref().unwrap())),
    );
    header.push(order.cancellation.as_ref().map_or(0, |cancellation| cancellation.reason.into()));
    let texts = [
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
        let [price, tax] =
            [&line.unit_price, &line.tax_amount].map(|amount| minor_units(amount.as_ref().unwrap()));
        let units = line.quantities.as_ref().unwrap();
        let units = [units.ordered, units.cancelled, units.in_shipment, units.shipped, units.delivered];
        [i64::from(line.line_id), price, tax].into_iter().chain(units.map(i64::from)).collect()
    };
    order.lines.iter().map(line).collect()
}

fn adjustments(order: &Order) -> Vec<Vec<i64>> {
    let adjustments = order.adjustments.iter().map(|adjustment| {
        let amount = minor_units(adjustment.amount.as_ref().unwrap());
        let (id, line) = (adjustment.adjustment_id.into(), adjustment.line_id.into());
        vec![id, adjustment.kind.into(), adjustment.scope.into(), line, amount]
    });
    adjustments.collect()
}

fn transactions(order: &Order) -> Vec<Vec<i64>> {
    let mut transactions = Vec::new();
    for payment in &order.payments {
        for transaction in &payment.transactions {
            let amount = minor_units(transaction.amount.as_ref().unwrap());
            let ids = [payment.payment_id.into(), transaction.transaction_id.into()];
            transactions.push([ids, [transaction.kind.into(), transaction.state.into()]].concat());
            transactions.last_mut().unwrap().push(amount);
        }
    }
    transactions
}

fn shipments(order: &Order) -> Vec<Vec<i64>> {
    let shipments = order.shipments.iter().map(|shipment| {
        let items = i64::try_from(shipment.items.len()).unwrap();
        vec![shipment.shipment_id.into(), shipment.state.into(), items, shipment.failure_reason.into()]
    });
    shipments.collect()
}

/// Tables and messages differ in whether what is not there is empty or nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
