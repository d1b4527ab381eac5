-- What a row of a list shows of an order (ORDER_VIEW_BASIC), encoded as it is sent, and the version that it was made of. Who does
-- not know these columns yet changes orders without them: then the version is another one.
ALTER TABLE orders ADD COLUMN basic_view bytea, ADD COLUMN basic_view_version bigint;

-- The basic view is the whole published state where it was not stored with this version: whoever reads it leaves the rest out then.
CREATE OR REPLACE VIEW order_summaries WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.state, o.payment_state, o.fulfillment_state,
       o.hold_reason, o.hold_time, o.channel, o.customer_id, o.external_source, o.external_id, o.tags, o.metadata,
       o.currency, o.total, o.balance, o.create_time, o.update_time, o.place_time, o.confirm_time, o.complete_time,
       o.cancel_time, h.published_state, h.xid,
       CASE WHEN o.basic_view_version = o.version THEN o.basic_view ELSE (
           SELECT w.published_state
           FROM order_history w
           WHERE w.tenant_id = o.tenant_id AND w.order_id = o.order_id AND w.version = o.version
       ) END AS basic_view,
       o.basic_view_version IS DISTINCT FROM o.version AS basic_view_is_whole
FROM orders o
LEFT JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;
