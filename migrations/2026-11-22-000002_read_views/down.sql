DROP VIEW order_tracking_numbers, order_provider_references, order_skus, order_history_entries, order_summaries,
    order_details;
DROP INDEX orders_by_create_time, orders_by_update_time, orders_by_place_time, orders_by_total, orders_by_customer,
    orders_by_state;
ALTER TABLE orders DROP CONSTRAINT orders_numbered_once_placed;
