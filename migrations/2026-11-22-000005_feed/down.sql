DROP TABLE feed_cursors;
DROP VIEW order_feed;
ALTER TABLE order_history DROP COLUMN traceparent;
