//! Databases with generated orders.

use std::error::Error;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use local_stack::{TestDatabase, TestPostgres};
use shared_domain::TenantId;
use shared_infrastructure::database::migrations;

/// The tenant of most generated orders.
pub(super) fn tenant() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// A database without orders.
pub(super) async fn empty() -> (TestDatabase, AsyncPgConnection) {
    let postgres = TestPostgres::shared().await.unwrap();
    let template = postgres.template(async |url| {
        migrations::run_pending(&url.parse()?).await?;
        Ok::<_, Box<dyn Error + Send + Sync>>(())
    });
    let database = template.await.unwrap().database().await.unwrap();
    let connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    (database, connection)
}

/// A database with a few orders of the tenants `one` and `two`.
pub(super) async fn few() -> (TestDatabase, AsyncPgConnection) {
    let (database, mut connection) = empty().await;
    connection.batch_execute(FEW_ORDERS).await.unwrap();
    (database, connection)
}

/// A database with 20,000 orders of [`tenant`] and 5,000 of another.
pub(super) async fn generated() -> (TestDatabase, AsyncPgConnection) {
    let (database, mut connection) = empty().await;
    connection.batch_execute(ORDERS).await.unwrap();
    (database, connection)
}

/// Order n has the id, the number, the SKU and the references that end with n, and is one of 200 customers'. One in seven
/// was never placed; one in three has no reference at a provider and no tracking number.
const ORDERS: &str = "
CREATE TEMP TABLE numbers AS
SELECT n, CASE WHEN n <= 20000 THEN 'acme' ELSE 'other' END AS tenant_id,
       lpad(n::text, 32, '0')::uuid AS order_id, n % 7 > 0 AS placed,
       timestamptz '2026-01-01' + n % 9000 * interval '1 minute' AS time, CASE WHEN n % 3 > 0 THEN n::text ELSE '' END AS ref
FROM generate_series(1, 25000) AS n;

INSERT INTO orders (tenant_id, order_id, version, order_number, state, payment_state, fulfillment_state, channel,
    customer_id, external_source, external_id, tags, metadata, currency, shipping_lines, subtotal, discount, surcharge,
    shipping, tax, total, balance, line_count, adjustment_count, payment_count, shipment_count, last_line_id,
    last_adjustment_id, create_time, update_time, place_time, basic_view, basic_view_version)
SELECT tenant_id, order_id, 1, CASE WHEN placed THEN 'ORD-' || n END, CASE WHEN placed THEN 2 + n % 4 ELSE 1 END, 2, 2,
    'web', 'c-' || n % 200, 'shop', 'x-' || n, '[\"gift\"]', '{}', 'EUR', '[]', n % 5000, 0, 0, 0, 0, n % 5000, n % 5000,
    1, 0, 1, 1, 1, 0, time, time + interval '1 day', CASE WHEN placed THEN time END, '', 1
FROM numbers;

INSERT INTO order_lines SELECT tenant_id, order_id, 1, 'SKU-' || n, '', true, n % 5000, 0, 1, 0, 0, 0, 0 FROM numbers;

INSERT INTO payments SELECT tenant_id, order_id, 1, 'stripe', ref, '' FROM numbers;

INSERT INTO payment_transactions (tenant_id, order_id, transaction_id, payment_id, kind, state, amount, provider,
    provider_reference, exceeds_expected, occur_time, create_time, update_time)
SELECT tenant_id, order_id, 1, 1, 2, 3, 1, 'stripe', 'ch' || ref, false, time, time, time FROM numbers;

INSERT INTO shipments (tenant_id, order_id, shipment_id, state, items, carrier, tracking_number, create_time, note)
SELECT tenant_id, order_id, 1, 1, '[]', 'post', ref, time, '' FROM numbers;

INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events, published_state)
SELECT tenant_id, order_id, 1, time + interval '1 day', 1, 'ada', '', '\\x00' FROM numbers;

ANALYZE;
";

/// Order n has the id that ends with n and is at version n; a published state is the tenant, that version and its own.
const FEW_ORDERS: &str = "
INSERT INTO orders (tenant_id, order_id, version, state, payment_state, fulfillment_state, tags, metadata, currency,
    shipping_lines, subtotal, discount, surcharge, shipping, tax, total, balance, line_count, adjustment_count,
    payment_count, shipment_count, last_line_id, last_adjustment_id, create_time, update_time)
SELECT tenant_id, lpad(n::text, 32, '0')::uuid, n, 1, 2, 2, '[]', '{}', 'EUR', '[]', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    now(), now()
FROM unnest(ARRAY['one', 'two']) AS tenant_id, generate_series(1, 9) AS n;

INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind, actor_subject, events,
    published_state, xid)
SELECT tenant_id, order_id, v, now(), 1, 'ada', '', (tenant_id || ' ' || version || ' ' || v)::bytea, v::text::xid8
FROM orders, generate_series(1, version) AS v;

ANALYZE;
";
