-- The relay, which tells a message broker what happened to orders.

-- Who of several processes does what only one may do. A lease that has expired is anybody's; the clock is the database's.
CREATE TABLE leases (
    name        text COLLATE "C" PRIMARY KEY,
    holder      uuid NOT NULL,
    expire_time timestamptz NOT NULL
);

-- Orders whose events the relay holds back, since one of them cannot be published.
CREATE TABLE parked_orders (
    tenant_id    text COLLATE "C" NOT NULL,
    order_id     uuid NOT NULL,
    -- The first event that is not published: that of this number, from 0, in the commit of this version.
    version      bigint NOT NULL CHECK (version >= 1),
    event_index  integer NOT NULL CHECK (event_index >= 0),
    reason       text NOT NULL,
    park_time    timestamptz NOT NULL DEFAULT now(),
    -- Whether somebody asked to publish the events now.
    replay_asked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, order_id)
);

-- Everything that ever happened is to be published.
INSERT INTO feed_cursors (name, xid, position) VALUES ('relay', '0', 0);
