-- The state of an order is looked up by its version. The planner, which believes that an order has one commit, may as well look
-- through all of them: OFFSET 0 keeps it from choosing.
CREATE OR REPLACE VIEW order_details WITH (security_invoker = true) AS
SELECT o.tenant_id, o.order_id, o.version, o.order_number, o.external_source, o.external_id, o.create_time,
       h.published_state
FROM orders o
CROSS JOIN LATERAL (
    SELECT published_state
    FROM order_history
    WHERE tenant_id = o.tenant_id AND order_id = o.order_id AND version = o.version
    OFFSET 0
) h;
