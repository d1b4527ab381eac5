SET LOCAL lock_timeout = '3s';

-- The basic view of an order, if there is one of its version.
CREATE OR REPLACE VIEW order_summaries WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.state, o.payment_state, o.fulfillment_state,
       o.hold_reason, o.hold_time, o.channel, o.customer_id, o.external_source, o.external_id, o.tags, o.metadata,
       o.currency, o.total, o.balance, o.create_time, o.update_time, o.place_time, o.confirm_time, o.complete_time,
       o.cancel_time, h.published_state, h.xid,
       CASE WHEN o.basic_view_version = o.version THEN o.basic_view END AS basic_view
FROM orders o
LEFT JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;
