-- Whoever waits for a table holds up all who come after: better to fail, and to be run again.
SET LOCAL lock_timeout = '3s';

-- What a row of a list shows of an order (ORDER_VIEW_BASIC), encoded as it is sent, and the version of the order that it is of. Who
-- does not know these columns changes orders without them: then the version is another one. A release that has lists show more
-- takes a new pair of columns, since the old ones go on to be written while it is rolled out.
ALTER TABLE orders ADD COLUMN basic_view bytea, ADD COLUMN basic_view_version bigint;
