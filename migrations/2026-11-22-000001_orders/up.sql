-- The tables of the write side. Every primary key starts with the tenant, then the order. States and kinds are the numbers
-- of the enums in proto/orders/v1; amounts are minor units of the order's currency; times have microseconds.

-- Each value stands for a block of 1,000 order numbers: 10000 for those from 10000000 to 10000999.
CREATE SEQUENCE order_numbers AS bigint START 10000;

CREATE TABLE orders (
    tenant_id             text COLLATE "C" NOT NULL,
    order_id              uuid NOT NULL,
    version               bigint NOT NULL CHECK (version >= 1),
    order_number          text COLLATE "C",
    state                 smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
    payment_state         smallint NOT NULL CHECK (payment_state BETWEEN 1 AND 9),
    fulfillment_state     smallint NOT NULL CHECK (fulfillment_state BETWEEN 1 AND 6),
    hold_reason           text,
    hold_time             timestamptz,
    channel               text,
    customer_id           text COLLATE "C",
    external_source       text COLLATE "C",
    external_id           text COLLATE "C",
    purchase_order_number text,
    contact               jsonb,
    billing_address       jsonb,
    shipping_address      jsonb,
    tags                  jsonb NOT NULL,
    metadata              jsonb NOT NULL,
    currency              text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    shipping_lines        jsonb NOT NULL,
    subtotal              bigint NOT NULL,
    discount              bigint NOT NULL,
    surcharge             bigint NOT NULL,
    shipping              bigint NOT NULL,
    tax                   bigint NOT NULL,
    total                 bigint NOT NULL CHECK (total = subtotal + shipping + surcharge - discount + tax AND total >= 0),
    balance               bigint NOT NULL,
    line_count            integer NOT NULL,
    adjustment_count      integer NOT NULL,
    payment_count         integer NOT NULL,
    shipment_count        integer NOT NULL,
    last_line_id          integer NOT NULL,
    last_adjustment_id    integer NOT NULL,
    cancel_reason         smallint CHECK (cancel_reason BETWEEN 1 AND 7),
    cancel_note           text,
    create_time           timestamptz NOT NULL,
    update_time           timestamptz NOT NULL,
    place_time            timestamptz,
    confirm_time          timestamptz,
    complete_time         timestamptz,
    cancel_time           timestamptz,
    PRIMARY KEY (tenant_id, order_id)
);

CREATE UNIQUE INDEX orders_order_number ON orders (tenant_id, order_number) WHERE order_number IS NOT NULL;
CREATE UNIQUE INDEX orders_external_reference ON orders (tenant_id, external_source, external_id)
    WHERE external_source IS NOT NULL;

CREATE TABLE order_lines (
    tenant_id         text COLLATE "C" NOT NULL,
    order_id          uuid NOT NULL,
    line_id           integer NOT NULL CHECK (line_id >= 1),
    sku               text COLLATE "C" NOT NULL,
    title             text NOT NULL,
    requires_shipping boolean NOT NULL,
    unit_price        bigint NOT NULL CHECK (unit_price >= 0),
    tax_amount        bigint NOT NULL CHECK (tax_amount >= 0),
    ordered           integer NOT NULL CHECK (ordered BETWEEN 1 AND 1000000),
    cancelled         integer NOT NULL CHECK (cancelled >= 0),
    in_shipment       integer NOT NULL CHECK (cancelled + in_shipment <= ordered),
    shipped           integer NOT NULL CHECK (shipped <= in_shipment),
    delivered         integer NOT NULL CHECK (delivered BETWEEN 0 AND shipped),
    PRIMARY KEY (tenant_id, order_id, line_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE TABLE order_adjustments (
    tenant_id     text COLLATE "C" NOT NULL,
    order_id      uuid NOT NULL,
    adjustment_id integer NOT NULL CHECK (adjustment_id >= 1),
    kind          smallint NOT NULL CHECK (kind BETWEEN 1 AND 2),
    scope         smallint NOT NULL CHECK (scope BETWEEN 1 AND 3),
    line_id       integer CHECK ((scope = 2) = (line_id IS NOT NULL)),
    amount        bigint NOT NULL CHECK (amount >= 0),
    source_code   text NOT NULL,
    reason        text NOT NULL,
    allocations   jsonb NOT NULL,
    PRIMARY KEY (tenant_id, order_id, adjustment_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE TABLE payments (
    tenant_id          text COLLATE "C" NOT NULL,
    order_id           uuid NOT NULL,
    payment_id         integer NOT NULL CHECK (payment_id >= 1),
    provider           text COLLATE "C" NOT NULL,
    provider_reference text COLLATE "C" NOT NULL,
    method_label       text NOT NULL,
    planned_amount     bigint CHECK (planned_amount >= 0),
    PRIMARY KEY (tenant_id, order_id, payment_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE INDEX payments_provider_reference ON payments (tenant_id, provider, provider_reference);

CREATE TABLE payment_transactions (
    tenant_id          text COLLATE "C" NOT NULL,
    order_id           uuid NOT NULL,
    transaction_id     integer NOT NULL CHECK (transaction_id >= 1),
    payment_id         integer NOT NULL,
    kind               smallint NOT NULL CHECK (kind BETWEEN 1 AND 5),
    state              smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
    amount             bigint NOT NULL CHECK (amount > 0),
    provider           text COLLATE "C" NOT NULL,
    provider_reference text COLLATE "C" NOT NULL,
    failure_code       text,
    failure_message    text,
    failure_retryable  boolean,
    exceeds_expected   boolean NOT NULL,
    occur_time         timestamptz NOT NULL,
    create_time        timestamptz NOT NULL,
    update_time        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, transaction_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE INDEX payment_transactions_provider_reference ON payment_transactions (tenant_id, provider, provider_reference);

CREATE TABLE shipments (
    tenant_id       text COLLATE "C" NOT NULL,
    order_id        uuid NOT NULL,
    shipment_id     integer NOT NULL CHECK (shipment_id >= 1),
    state           smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
    items           jsonb NOT NULL,
    carrier         text NOT NULL,
    tracking_number text COLLATE "C" NOT NULL,
    create_time     timestamptz NOT NULL,
    ship_time       timestamptz,
    deliver_time    timestamptz,
    end_time        timestamptz,
    failure_reason  smallint CHECK (failure_reason BETWEEN 1 AND 2),
    note            text NOT NULL,
    PRIMARY KEY (tenant_id, order_id, shipment_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders ON DELETE CASCADE
);

CREATE INDEX shipments_tracking_number ON shipments (tenant_id, tracking_number) WHERE tracking_number <> '';

-- One row per commit: audit trail, idempotency record, time travel and, with (xid, position), the feed. It outlives the
-- order's other rows when a draft is deleted; published_state is null in the row of the deletion.
CREATE TABLE order_history (
    tenant_id       text COLLATE "C" NOT NULL,
    order_id        uuid NOT NULL,
    version         bigint NOT NULL CHECK (version >= 1),
    commit_time     timestamptz NOT NULL,
    actor_kind      smallint NOT NULL CHECK (actor_kind BETWEEN 1 AND 4),
    actor_subject   text NOT NULL,
    request_id      uuid,
    request_part    integer NOT NULL DEFAULT 0,
    request_hash    bytea CHECK ((request_id IS NULL) = (request_hash IS NULL)),
    events          bytea NOT NULL,
    published_state bytea,
    xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
    position        bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, order_id, version)
);

CREATE UNIQUE INDEX order_history_request ON order_history (tenant_id, request_id, request_part)
    WHERE request_id IS NOT NULL;
CREATE INDEX order_history_feed ON order_history (xid, position);
