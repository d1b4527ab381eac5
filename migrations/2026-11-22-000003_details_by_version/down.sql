CREATE OR REPLACE VIEW order_details WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.external_source, o.external_id, o.create_time,
       h.published_state
FROM orders o
JOIN order_history h ON h.tenant_id = o.tenant_id AND h.order_id = o.order_id AND h.version = o.version;
