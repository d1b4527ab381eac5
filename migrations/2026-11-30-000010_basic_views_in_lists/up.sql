SET LOCAL lock_timeout = '3s';

-- The basic view of an order if there is one of its version, else what makes one.
CREATE OR REPLACE VIEW order_summaries WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.state, o.payment_state, o.fulfillment_state,
       o.hold_reason, o.hold_time, o.channel, o.customer_id, o.external_source, o.external_id, o.tags, o.metadata,
       o.currency, o.total, o.balance, o.create_time, o.update_time, o.place_time, o.confirm_time, o.complete_time,
       o.cancel_time, h.published_state, h.xid,
       CASE WHEN o.basic_view_version = o.version THEN o.basic_view END AS basic_view,
       CASE WHEN o.basic_view_version IS DISTINCT FROM o.version THEN json_build_object(
           'version', o.version, 'order_number', o.order_number, 'state', o.state, 'payment_state', o.payment_state,
           'fulfillment_state', o.fulfillment_state, 'hold_reason', o.hold_reason, 'hold_time', o.hold_time,
           'channel', o.channel, 'customer_id', o.customer_id, 'external_source', o.external_source,
           'external_id', o.external_id, 'tags', o.tags, 'currency', o.currency, 'total', o.total, 'balance', o.balance,
           'create_time', o.create_time, 'update_time', o.update_time, 'place_time', o.place_time,
           'confirm_time', o.confirm_time, 'complete_time', o.complete_time, 'cancel_time', o.cancel_time
       ) END AS basic_columns
FROM orders o
LEFT JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;
