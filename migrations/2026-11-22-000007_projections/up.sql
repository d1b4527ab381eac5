-- What is computed from the feed: the projections. Everything in these tables can be computed anew, and is by
-- `command-service projections rebuild`: a new generation grows beside the one that is read, and takes its place at once.

CREATE TABLE projections (
    name          text COLLATE "C" NOT NULL,
    generation    integer NOT NULL,
    -- 'building' until it has caught up with the feed, then 'active', which means that it is read; 'retired' once another one is.
    state         text COLLATE "C" NOT NULL CHECK (state IN ('building', 'active', 'retired')),
    -- The place in the feed of the last commit that is in it.
    xid           xid8 NOT NULL DEFAULT '0',
    position      bigint NOT NULL DEFAULT 0,
    -- When that was committed.
    commit_time   timestamptz,
    -- By the database's clock: everything that was committed until then is in it.
    complete_time timestamptz,
    -- Once everything below mark_xid is in it, it is complete until mark_time.
    mark_xid      xid8 NOT NULL DEFAULT '0',
    mark_time     timestamptz,
    PRIMARY KEY (name, generation),
    -- One takes the place of the other in one statement, so this is looked at when that is done.
    CONSTRAINT projections_active EXCLUDE USING btree (name WITH =) WHERE (state = 'active') DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 50);

CREATE UNIQUE INDEX projections_building ON projections (name) WHERE state = 'building';

-- Without orders there is nothing to catch up with.
INSERT INTO projections (name, generation, state)
SELECT name, 1, CASE WHEN EXISTS (SELECT FROM order_history) THEN 'building' ELSE 'active' END
FROM unnest(ARRAY['order_stats_daily', 'order_search']) AS name;

-- How many orders there are and what they amount to. Sums are minor units of the currency.
CREATE TABLE order_stats_daily (
    generation        integer NOT NULL,
    tenant_id         text COLLATE "C" NOT NULL,
    -- The day of creation, in UTC.
    day               date NOT NULL,
    -- Empty for orders without one.
    channel           text COLLATE "C" NOT NULL,
    currency          text COLLATE "C" NOT NULL,
    state             smallint NOT NULL,
    payment_state     smallint NOT NULL,
    fulfillment_state smallint NOT NULL,
    order_count       bigint NOT NULL CHECK (order_count > 0),
    total_sum         numeric NOT NULL,
    balance_sum       numeric NOT NULL,
    PRIMARY KEY (generation, tenant_id, day, channel, currency, state, payment_state, fulfillment_state)
) WITH (fillfactor = 50);

-- The words that orders can be found by. Each begins with a mark of the tenant.
CREATE TABLE order_search (
    generation  integer NOT NULL,
    tenant_id   text COLLATE "C" NOT NULL,
    order_id    uuid NOT NULL,
    create_time timestamptz NOT NULL,
    document    tsvector NOT NULL,
    PRIMARY KEY (generation, tenant_id, order_id)
);

-- What waits to be sorted into the index is read by every search: it is kept short (kB).
CREATE INDEX order_search_documents ON order_search USING gin (document) WITH (gin_pending_list_limit = 1024);

-- What is read, and the first commit that it lacks, if there is one.
CREATE VIEW active_projections WITH (security_invoker = true) AS
SELECT p.name, p.generation, p.xid, p.commit_time, p.complete_time, h.xid AS next_xid, h.commit_time AS next_commit_time
FROM projections p
LEFT JOIN LATERAL (
    SELECT xid, commit_time
    FROM order_history
    WHERE (order_history.xid, order_history.position) > (p.xid, p.position)
    ORDER BY order_history.xid, order_history.position
    LIMIT 1
) h ON true
WHERE p.state = 'active';

-- The statistics that are read.
CREATE VIEW order_statistics WITH (security_invoker = true) AS
SELECT s.tenant_id, s.day, s.channel, s.currency, s.state, s.payment_state, s.fulfillment_state, s.order_count, s.total_sum,
       s.balance_sum
FROM projections p
JOIN order_stats_daily s ON s.generation = p.generation
WHERE p.name = 'order_stats_daily' AND p.state = 'active';

-- The words of all generations: whoever reads them picks the active one after the index of words was asked, so that the planner
-- can think of no other index.
CREATE VIEW order_search_entries WITH (security_invoker = true) AS
SELECT generation, tenant_id, order_id, create_time, document
FROM order_search;
