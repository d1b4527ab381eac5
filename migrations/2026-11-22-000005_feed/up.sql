-- The feed: what readers of the history follow it by.

-- The trace that a commit belongs to (https://www.w3.org/TR/trace-context/#traceparent-header), if its caller sent one.
ALTER TABLE order_history ADD COLUMN traceparent text COLLATE "C";

-- The commits of all tenants in the order of the feed, (xid, position). Whoever reads it has to stay behind the oldest
-- transaction under way: a commit with a lower xid may still become visible.
CREATE VIEW order_feed WITH (security_invoker = true) AS
SELECT tenant_id, order_id, version, commit_time, actor_kind, actor_subject, request_id, events, published_state,
       traceparent, xid, position
FROM order_history;

-- How far those have got who follow the feed: everything up to (xid, position) is dealt with.
CREATE TABLE feed_cursors (
    name        text COLLATE "C" PRIMARY KEY,
    xid         xid8 NOT NULL,
    position    bigint NOT NULL,
    update_time timestamptz NOT NULL DEFAULT now()
);
