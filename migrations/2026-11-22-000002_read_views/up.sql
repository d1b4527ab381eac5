-- What the query side reads: views over the tables of the write side, and the indexes that lists run on. The views have
-- the rights of whoever reads them. Columns are only ever added to them.

-- An order that has a number has been placed, and the other way round: lists rely on it, for one index serves the orders
-- that have neither.
ALTER TABLE orders ADD CONSTRAINT orders_numbered_once_placed CHECK ((order_number IS NULL) = (place_time IS NULL));

-- Every index serves both directions of one sort order, ties broken by the order's id.
CREATE INDEX orders_by_create_time ON orders (tenant_id, create_time, order_id);
CREATE INDEX orders_by_update_time ON orders (tenant_id, update_time, order_id);
CREATE INDEX orders_by_place_time ON orders (tenant_id, place_time, order_id);
CREATE INDEX orders_by_total ON orders (tenant_id, total, order_id);
CREATE INDEX orders_by_customer ON orders (tenant_id, customer_id, create_time, order_id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_by_state ON orders (tenant_id, state, create_time, order_id);

-- The published state of each order as it is now, with what it can be looked up by.
CREATE VIEW order_details WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.external_source, o.external_id, o.create_time,
       h.published_state
FROM orders o
JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;

-- A row of a list, and what lists are filtered by. Where the published state is not asked for, the planner leaves the join
-- out: it can neither add rows nor take any away.
CREATE VIEW order_summaries WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.state, o.payment_state, o.fulfillment_state,
       o.hold_reason, o.hold_time, o.channel, o.customer_id, o.external_source, o.external_id, o.tags, o.metadata,
       o.currency, o.total, o.balance, o.create_time, o.update_time, o.place_time, o.confirm_time, o.complete_time,
       o.cancel_time, h.published_state
FROM orders o
LEFT JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;

-- The commits of all orders, those of deleted drafts too.
CREATE VIEW order_history_entries WITH (security_invoker = true) AS
SELECT tenant_id, order_id, version, commit_time, actor_kind, actor_subject, request_id, events, published_state
FROM order_history;

-- What an order is made of.
CREATE VIEW order_skus WITH (security_invoker = true) AS
SELECT tenant_id, order_id, sku
FROM order_lines;

-- The ids that payment providers know an order's payments and their transactions by.
CREATE VIEW order_provider_references WITH (security_invoker = true) AS
SELECT tenant_id, provider, provider_reference, order_id
FROM payments
UNION ALL
SELECT tenant_id, provider, provider_reference, order_id
FROM payment_transactions;

-- The numbers that carriers know an order's shipments by. The condition is that of the index.
CREATE VIEW order_tracking_numbers WITH (security_invoker = true) AS
SELECT tenant_id, tracking_number, order_id
FROM shipments
WHERE tracking_number <> '';
