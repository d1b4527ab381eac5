//! The books balance: what is stored for readers equals what the rows say.

use futures_util::future::join_all;

use super::{TestRepository, sql};
use crate::{
    changes::{acme, change, changed, commit, create, load, noted},
    drafts,
    random::Random,
};

/// What is wrong if it holds for any order.
const DISCREPANCIES: &[(&str, &str)] = &[
    ("line_count", "line_count <> (SELECT count(*) FROM order_lines p WHERE same(o, p))"),
    ("adjustment_count", "adjustment_count <> (SELECT count(*) FROM order_adjustments p WHERE same(o, p))"),
    ("payment_count", "payment_count <> (SELECT count(*) FROM payments p WHERE same(o, p))"),
    ("shipment_count", "shipment_count <> (SELECT count(*) FROM shipments p WHERE same(o, p))"),
    (
        "history",
        "(version, version, update_time) <> (SELECT count(*), max(p.version), max(p.commit_time) \
         FROM order_history p WHERE same(o, p))",
    ),
    (
        "subtotal",
        "subtotal <> (SELECT coalesce(sum(p.unit_price * (p.ordered - p.cancelled)), 0) \
         FROM order_lines p WHERE same(o, p))",
    ),
    (
        "discount",
        "left_over AND discount <> (SELECT coalesce(sum(p.amount), 0) \
         FROM order_adjustments p WHERE same(o, p) AND p.kind = 1)",
    ),
    (
        "surcharge",
        "left_over AND surcharge <> (SELECT coalesce(sum(p.amount), 0) \
         FROM order_adjustments p WHERE same(o, p) AND p.kind = 2)",
    ),
    (
        "tax",
        "left_over AND tax <> (SELECT coalesce(sum(p.tax_amount - p.tax_amount * p.cancelled / p.ordered), 0) \
         FROM order_lines p WHERE same(o, p)) \
         + (SELECT coalesce(sum((s ->> 'tax_amount')::bigint), 0) FROM jsonb_array_elements(shipping_lines) s)",
    ),
    ("nothing left", "NOT left_over AND (total, discount, surcharge, shipping, tax) <> (0, 0, 0, 0, 0)"),
    (
        "balance",
        "balance <> total - (SELECT coalesce(sum(CASE p.kind WHEN 2 THEN p.amount WHEN 4 THEN -p.amount \
         WHEN 5 THEN -p.amount ELSE 0 END), 0) FROM payment_transactions p WHERE same(o, p) AND p.state = 3)",
    ),
    (
        "in_shipment",
        "EXISTS (SELECT FROM order_lines l WHERE same(o, l) AND l.in_shipment <> \
         (SELECT coalesce(sum((i ->> 'quantity')::int), 0) FROM shipments p, jsonb_array_elements(p.items) i \
         WHERE same(o, p) AND p.state IN (1, 2, 3) AND (i ->> 'line_id')::int = l.line_id))",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_for_readers_equals_what_the_rows_say() {
    let repository = TestRepository::new().await;
    for seed in 100..130 {
        let mut random = Random::new(seed);
        let mut order = create(&*repository, random.draft()).await;
        for _ in 0..25 {
            let next = random.step(&order);
            let after = next.snapshot().clone();
            commit(&*repository, change(Some(order), next)).await.unwrap();
            order = after;
        }
    }
    for (what, wrong) in DISCREPANCIES {
        let wrong = wrong
            .replace("same(o, p)", "(p.tenant_id, p.order_id) = (o.tenant_id, o.order_id)")
            .replace("same(o, l)", "(l.tenant_id, l.order_id) = (o.tenant_id, o.order_id)")
            .replace(
                "left_over",
                "EXISTS (SELECT FROM order_lines e WHERE (e.tenant_id, e.order_id) = (o.tenant_id, o.order_id) \
                 AND e.cancelled < e.ordered)",
            );
        let query = format!("SELECT count(*) AS value FROM orders o WHERE {wrong}");
        assert_eq!(sql::number(&repository.pool, &query).await, 0, "{what}");
    }
    for table in ["order_lines", "order_adjustments", "payments", "payment_transactions", "shipments"] {
        let query = format!("SELECT count(*) AS value FROM {table}");
        let rows = sql::number(&repository.pool, &query).await;
        assert!(rows >= 20, "only {rows} in {table}");
    }
    let orders_with_gaps = "SELECT count(*) AS value FROM orders WHERE line_count < last_line_id";
    assert!(sql::number(&repository.pool, orders_with_gaps).await >= 5, "too few lines were removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_an_order_and_the_feed_go_the_same_way() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::plain()).await;
    let writers = (0..4).map(|_| async {
        for _ in 0..25 {
            let loaded = load(&*repository, &acme(), order.id).await.unwrap();
            // Some of these conflict.
            commit(&*repository, noted(&loaded)).await.ok();
        }
    });
    join_all(writers).await;
    let inverted = "SELECT count(*) AS value FROM order_history a JOIN order_history b USING (tenant_id, order_id) \
                    WHERE a.version < b.version AND (a.xid, a.position) >= (b.xid, b.position)";
    assert_eq!(sql::number(&repository.pool, inverted).await, 0);
    let versions = "SELECT count(*) AS value FROM order_history";
    assert!(sql::number(&repository.pool, versions).await > 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_history_is_left_of_a_deleted_draft() {
    let repository = TestRepository::new().await;
    let order = create(&*repository, drafts::full(shared_domain::Currency::EUR, "R-1")).await;
    let deletion = changed(&order, |order, now| order.delete(now).unwrap());
    commit(&*repository, deletion).await.unwrap();
    for (table, rows) in [("orders", 0), ("order_lines", 0), ("order_adjustments", 0), ("order_history", 2)] {
        let query = format!("SELECT count(*) AS value FROM {table}");
        assert_eq!(sql::number(&repository.pool, &query).await, rows, "{table}");
    }
    let states = "SELECT count(published_state) AS value FROM order_history";
    assert_eq!(sql::number(&repository.pool, states).await, 1, "the deletion has no state");
}
