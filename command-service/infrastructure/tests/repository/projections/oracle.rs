//! What projections have to say, computed from the tables of the orders, in SQL and all at once.

use std::time::{Duration, Instant};

use shared_infrastructure::database::Pool;
use tokio::time::sleep;

use crate::postgres::sql;

/// A condition that holds for whatever is wrong: one row for each, as a text.
const DISCREPANCIES: [(&str, &str); 2] = [
    (
        "order_stats_daily",
        "WITH expected AS (SELECT tenant_id, (create_time AT TIME ZONE 'UTC')::date AS day, coalesce(channel, ''), \
         currency, state, payment_state, fulfillment_state, count(*), sum(total), sum(balance) FROM orders \
         GROUP BY 1, 2, 3, 4, 5, 6, 7), actual AS (SELECT * FROM order_statistics) \
         SELECT 'missing: ' || e::text AS value FROM (SELECT * FROM expected EXCEPT SELECT * FROM actual) AS e \
         UNION ALL SELECT 'too much: ' || e::text FROM (SELECT * FROM actual EXCEPT SELECT * FROM expected) AS e",
    ),
    (
        "order_search",
        "WITH texts AS (
             SELECT tenant_id, order_id, order_number AS text FROM orders
             UNION ALL SELECT tenant_id, order_id, customer_id FROM orders
             UNION ALL SELECT tenant_id, order_id, external_id FROM orders
             UNION ALL SELECT tenant_id, order_id, purchase_order_number FROM orders
             UNION ALL SELECT tenant_id, order_id, t FROM orders, jsonb_array_elements_text(tags) AS t
             UNION ALL SELECT tenant_id, order_id, concat_ws(' ', contact ->> 'name', contact ->> 'email', contact ->> 'phone')
                 FROM orders
             UNION ALL SELECT tenant_id, order_id, sku || ' ' || title FROM order_lines
             UNION ALL SELECT tenant_id, order_id, provider_reference FROM payments
             UNION ALL SELECT tenant_id, order_id, provider_reference FROM payment_transactions
             UNION ALL SELECT tenant_id, order_id, tracking_number FROM shipments
         ), expected AS (
             SELECT DISTINCT tenant_id, order_id, word
             FROM texts, regexp_split_to_table(lower(text), '[^[:alnum:]]+') AS word WHERE word <> ''
         ), actual AS (
             SELECT e.tenant_id, e.order_id, substr(word, 6) FROM order_search_entries AS e
             JOIN active_projections AS p ON p.name = 'order_search' AND p.generation = e.generation,
             unnest(tsvector_to_array(e.document)) AS word WHERE word ~ '^[[:alnum:]]+$'
         )
         SELECT 'missing: ' || e::text AS value FROM (SELECT * FROM expected EXCEPT SELECT * FROM actual) AS e
         UNION ALL SELECT 'too much: ' || e::text FROM (SELECT * FROM actual EXCEPT SELECT * FROM expected) AS e",
    ),
];

/// Waits until the projections have caught up, and demands that they say what the orders say.
pub(super) async fn assert_projections_are_right(pool: &Pool) {
    const PATIENCE: Duration = Duration::from_secs(30);
    let behind = "SELECT (2 - count(*)) + count(next_xid) AS value FROM active_projections";
    let start = Instant::now();
    while sql::number(pool, behind).await > 0 {
        assert!(start.elapsed() < PATIENCE, "the projections do not catch up");
        sleep(Duration::from_millis(10)).await;
    }
    for (projection, discrepancies) in DISCREPANCIES {
        let wrong = sql::texts(&mut pool.get().await.unwrap(), discrepancies).await;
        assert_eq!(wrong, Vec::<String>::new(), "{projection}");
    }
}
