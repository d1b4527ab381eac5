//! The arithmetic of orders a second time, in SQL over the tables alone: each law selects the orders that break it.

/// A law, and the statement that selects what breaks it: an order, and what is wrong there.
pub(super) const LAWS: &[(&str, &str)] = &[
    (
        "the totals are the exact sums over what is not cancelled",
        "WITH lines AS (
             SELECT tenant_id, order_id, sum(ordered - cancelled) AS live,
                 sum(unit_price * (ordered - cancelled)) AS subtotal,
                 sum(tax_amount - tax_amount * cancelled / ordered) AS tax
             FROM order_lines GROUP BY tenant_id, order_id),
         adjusted AS (
             SELECT tenant_id, order_id,
                 coalesce(sum(amount) FILTER (WHERE kind = 1), 0) AS discount,
                 coalesce(sum(amount) FILTER (WHERE kind = 2), 0) AS surcharge
             FROM order_adjustments GROUP BY tenant_id, order_id),
         expected AS (
             SELECT o.*, coalesce(l.live, 0) > 0 AS due, l.subtotal AS e_subtotal, l.tax + s.tax AS e_tax,
                 coalesce(a.discount, 0) AS e_discount, coalesce(a.surcharge, 0) AS e_surcharge, s.amount AS e_shipping
             FROM orders o
             LEFT JOIN lines l USING (tenant_id, order_id)
             LEFT JOIN adjusted a USING (tenant_id, order_id)
             CROSS JOIN LATERAL (
                 SELECT coalesce(sum((line->>'amount')::bigint), 0) AS amount,
                     coalesce(sum((line->>'tax_amount')::bigint), 0) AS tax
                 FROM jsonb_array_elements(o.shipping_lines) line) s)
         SELECT order_id::text, concat_ws(' ', subtotal, discount, surcharge, shipping, tax, total)
         FROM expected
         WHERE CASE WHEN due
             THEN (subtotal, discount, surcharge, shipping, tax, total) IS DISTINCT FROM
                 (e_subtotal, e_discount, e_surcharge, e_shipping, e_tax,
                  e_subtotal + e_shipping + e_surcharge - e_discount + e_tax)
             ELSE (subtotal, discount, surcharge, shipping, tax, total) IS DISTINCT FROM (0, 0, 0, 0, 0, 0) END",
    ),
    (
        "balance and payment state follow from the succeeded transactions",
        "WITH per_payment AS (
             SELECT tenant_id, order_id, payment_id,
                 coalesce(sum(amount) FILTER (WHERE kind = 1), 0) AS authorized,
                 coalesce(sum(amount) FILTER (WHERE kind = 2), 0) AS captured,
                 coalesce(sum(amount) FILTER (WHERE kind = 3), 0) AS voided,
                 coalesce(sum(amount) FILTER (WHERE kind IN (4, 5)), 0) AS refunded
             FROM payment_transactions WHERE state = 3 GROUP BY tenant_id, order_id, payment_id),
         money AS (
             SELECT o.order_id, o.total AS t, o.balance, o.payment_state, coalesce(sum(p.captured), 0) AS c,
                 coalesce(sum(p.refunded), 0) AS r,
                 coalesce(sum(greatest(p.authorized - p.voided - p.captured, 0)), 0) AS a
             FROM orders o LEFT JOIN per_payment p USING (tenant_id, order_id)
             GROUP BY o.tenant_id, o.order_id)
         SELECT order_id::text, concat_ws(' ', 'state', payment_state, 'balance', balance, 'of', t, a, c, r)
         FROM money
         WHERE balance <> t - (c - r) OR payment_state <> CASE
             WHEN t = 0 AND c = 0 THEN 1
             WHEN c > 0 AND r = c THEN 9
             WHEN c - r > t THEN 7
             WHEN c - r = t AND r > 0 THEN 8
             WHEN c - r = t THEN 6
             WHEN c - r > 0 THEN 5
             WHEN a > 0 AND a >= t THEN 4
             WHEN a > 0 THEN 3
             ELSE 2 END",
    ),
    (
        "the fulfilment state follows from the lines that ship",
        "WITH units AS (
             SELECT o.order_id, o.fulfillment_state, coalesce(sum(ordered - cancelled), 0) AS net,
                 coalesce(sum(shipped), 0) AS shipped, coalesce(sum(delivered), 0) AS delivered
             FROM orders o
             LEFT JOIN order_lines l ON (l.tenant_id, l.order_id) = (o.tenant_id, o.order_id) AND l.requires_shipping
             GROUP BY o.tenant_id, o.order_id)
         SELECT order_id::text, concat_ws(' ', fulfillment_state, net, shipped, delivered)
         FROM units
         WHERE fulfillment_state <> CASE
             WHEN net = 0 THEN 1
             WHEN delivered = net THEN 6
             WHEN delivered > 0 THEN 5
             WHEN shipped = net THEN 4
             WHEN shipped > 0 THEN 3
             ELSE 2 END",
    ),
    (
        "the quantities of lines are those of the shipments",
        "WITH sent AS (
             SELECT s.tenant_id, s.order_id, (item->>'line_id')::integer AS line_id,
                 sum((item->>'quantity')::integer) FILTER (WHERE s.state IN (1, 2, 3)) AS in_shipment,
                 sum((item->>'quantity')::integer) FILTER (WHERE s.state IN (2, 3)) AS shipped,
                 sum((item->>'quantity')::integer) FILTER (WHERE s.state = 3) AS delivered
             FROM shipments s CROSS JOIN LATERAL jsonb_array_elements(s.items) item
             GROUP BY s.tenant_id, s.order_id, 3)
         SELECT order_id::text, concat_ws(' ', 'line', line_id, l.in_shipment, l.shipped, l.delivered)
         FROM order_lines l FULL JOIN sent s USING (tenant_id, order_id, line_id)
         WHERE (coalesce(l.in_shipment, 0), coalesce(l.shipped, 0), coalesce(l.delivered, 0)) IS DISTINCT FROM
             (coalesce(s.in_shipment, 0), coalesce(s.shipped, 0), coalesce(s.delivered, 0))",
    ),
    (
        "cancelled orders have nothing left, completed ones nothing open",
        "SELECT o.order_id::text, concat_ws(' ', 'state', o.state, 'line', l.line_id, l.ordered, l.cancelled, l.in_shipment)
         FROM orders o JOIN order_lines l USING (tenant_id, order_id)
         WHERE o.state = 5 AND (l.ordered <> l.cancelled OR l.in_shipment > 0)
             OR o.state = 4 AND l.requires_shipping AND l.cancelled + l.in_shipment < l.ordered
             OR o.state = 4 AND EXISTS (SELECT FROM shipments s
                 WHERE (s.tenant_id, s.order_id, s.state) = (o.tenant_id, o.order_id, 1))",
    ),
    (
        "once an order is placed, what is spread over its lines adds up",
        "SELECT a.order_id::text, concat_ws(' ', 'adjustment', a.adjustment_id, a.amount, a.allocations)
         FROM order_adjustments a JOIN orders o USING (tenant_id, order_id)
         WHERE CASE WHEN o.place_time IS NULL OR a.scope = 3
             THEN a.allocations <> '[]'
             ELSE a.amount <> (SELECT coalesce(sum((share->>'amount')::bigint), 0)
                 FROM jsonb_array_elements(a.allocations) share) END
             AND o.state <> 5",
    ),
    (
        "an order has its number and its times once it has been there",
        "SELECT order_id::text, concat_ws(' ', 'state', state, order_number, place_time, confirm_time, complete_time)
         FROM orders
         WHERE (state IN (2, 3, 4)) AND place_time IS NULL
             OR (state IN (3, 4)) AND confirm_time IS NULL
             OR (state = 4) <> (complete_time IS NOT NULL)
             OR (state = 5) <> (cancel_time IS NOT NULL AND cancel_reason IS NOT NULL)
             OR update_time < create_time",
    ),
    (
        "counts are the numbers of rows",
        "SELECT o.order_id::text, concat_ws(' ', line_count, adjustment_count, payment_count, shipment_count)
         FROM orders o
         WHERE (line_count, adjustment_count, payment_count, shipment_count) IS DISTINCT FROM
             ((SELECT count(*) FROM order_lines p WHERE (p.tenant_id, p.order_id) = (o.tenant_id, o.order_id)),
              (SELECT count(*) FROM order_adjustments p WHERE (p.tenant_id, p.order_id) = (o.tenant_id, o.order_id)),
              (SELECT count(*) FROM payments p WHERE (p.tenant_id, p.order_id) = (o.tenant_id, o.order_id)),
              (SELECT count(*) FROM shipments p WHERE (p.tenant_id, p.order_id) = (o.tenant_id, o.order_id)))",
    ),
    (
        "every version has its history row, in time and in the feed one after the other",
        "WITH numbered AS (
             SELECT *, row_number() OVER by_version AS expected,
                 lag(commit_time) OVER by_version AS previous_time,
                 rank() OVER (PARTITION BY tenant_id, order_id ORDER BY xid, position) AS in_feed
             FROM order_history WINDOW by_version AS (PARTITION BY tenant_id, order_id ORDER BY version))
         SELECT order_id::text, concat_ws(' ', 'version', version, expected, in_feed, previous_time, commit_time)
         FROM numbered
         WHERE version <> expected OR in_feed <> expected OR commit_time <= previous_time OR length(events) = 0",
    ),
    (
        "an order is at the last version of its history, unless that removed it",
        "WITH last AS (
             SELECT DISTINCT ON (tenant_id, order_id) * FROM order_history
             ORDER BY tenant_id, order_id, version DESC)
         SELECT coalesce(o.order_id, h.order_id)::text, concat_ws(' ', 'at', o.version, 'history', h.version)
         FROM orders o FULL JOIN last h USING (tenant_id, order_id)
         WHERE (o.version IS DISTINCT FROM h.version OR o.update_time IS DISTINCT FROM h.commit_time)
             AND NOT (o.order_id IS NULL AND h.published_state IS NULL)",
    ),
    (
        "only the removal of a draft leaves no published state",
        "SELECT h.order_id::text, 'version ' || h.version
         FROM order_history h
         WHERE h.published_state IS NULL AND EXISTS (
             SELECT FROM order_history n
             WHERE (n.tenant_id, n.order_id) = (h.tenant_id, h.order_id) AND n.version > h.version)",
    ),
];
