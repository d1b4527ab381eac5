//! Rows as commits leave them: the current state, and a history row with what was published.

use std::error::Error;

use chrono::DateTime;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use local_stack::{TestDatabase, TestPostgres};
use orders_proto::{
    google::r#type::Money,
    orders::v1::{Order, OrderEvent, OrderHistoryEntry},
};
use prost::Message;
use prost_types::Timestamp;
use serde_json::{Value, json};
use shared_infrastructure::database::migrations;
use tokio::sync::Mutex;

/// The id of the request that the tests' commits answered.
pub(crate) const REQUEST_ID: &str = "5f0c7d1e-58a4-4b0e-9d4c-0c6d8f0e6a11";

/// A database of one test.
pub(crate) async fn migrated() -> TestDatabase {
    let postgres = TestPostgres::shared().await.unwrap();
    let template = postgres.template(migrate);
    template.await.unwrap().database().await.unwrap()
}

/// Makes the schema in a new database.
pub(crate) async fn migrate(url: String) -> Result<(), Box<dyn Error + Send + Sync>> {
    migrations::run_pending(&url.parse()?).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Transaction {
    #[diesel(sql_type = BigInt)]
    xid: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Holds {
    #[diesel(sql_type = Bool)]
    holds: bool,
}

pub(crate) struct Database(Mutex<AsyncPgConnection>);

impl Database {
    pub(crate) async fn open(url: &str) -> Self {
        Self(Mutex::new(AsyncPgConnection::establish(url).await.unwrap()))
    }

    pub(crate) async fn execute(&self, statements: &str) {
        self.0.lock().await.batch_execute(statements).await.unwrap();
    }

    /// Whether a condition holds.
    pub(crate) async fn is(&self, condition: &str) -> bool {
        let query = diesel::sql_query(format!("SELECT {condition} AS holds"));
        query.get_result::<Holds>(&mut *self.0.lock().await).await.unwrap().holds
    }

    /// How many transactions, of which most are one statement, have run in the database until a second ago or so.
    pub(crate) async fn statements(&self) -> i64 {
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        let query = diesel::sql_query(
            "SELECT xact_commit AS xid FROM pg_stat_database WHERE datname = current_database()",
        );
        query.get_result::<Transaction>(&mut *self.0.lock().await).await.unwrap().xid
    }

    /// The tables and views that have this column.
    pub(crate) async fn relations_with(&self, column: &str) -> Vec<String> {
        let query = diesel::sql_query(
            "SELECT table_name::text AS name FROM information_schema.columns \
             WHERE table_schema = 'public' AND column_name = $1",
        );
        let rows: Vec<Name> = query.bind::<Text, _>(column).load(&mut *self.0.lock().await).await.unwrap();
        rows.into_iter().map(|row| row.name).collect()
    }

    /// How many connections of an application are at a statement, also as seen within a transaction.
    pub(crate) async fn busy_connections(&self, application: &str) -> i64 {
        self.execute("SELECT pg_stat_clear_snapshot()").await;
        let busy = diesel::sql_query(
            "SELECT pid::bigint FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = $1 AND state <> 'idle'",
        );
        let busy = busy.bind::<Text, _>(application).execute(&mut *self.0.lock().await).await.unwrap();
        i64::try_from(busy).unwrap()
    }

    pub(crate) async fn commit(&self, tenant: &str, order: &Order, events: Vec<OrderEvent>) {
        self.run(DELETE, &key(tenant, order)).await;
        self.insert("orders", &json!([order_row(tenant, order)])).await;
        self.insert("order_lines", &line_rows(tenant, order)).await;
        self.insert("payments", &payment_rows(tenant, order)).await;
        self.insert("payment_transactions", &transaction_rows(tenant, order)).await;
        self.insert("shipments", &shipment_rows(tenant, order)).await;
        self.run(INSERT_HISTORY, &history_row(tenant, order, events, Some(order.encode_to_vec()))).await;
    }

    /// Stores what lists show of an order, as it was in that version of it.
    pub(crate) async fn store_basic_view(&self, tenant: &str, order: &Order) {
        let stored =
            json!({ "basic_view": bytea(&order.encode_to_vec()), "basic_view_version": order.version });
        self.run(STORE_BASIC_VIEW, &row(tenant, order, stored)).await;
    }

    pub(crate) async fn delete(&self, tenant: &str, order: &Order) {
        self.run(DELETE, &key(tenant, order)).await;
        let deleted = super::changed(order, |_| {});
        self.run(INSERT_HISTORY, &history_row(tenant, &deleted, Vec::new(), None)).await;
    }

    /// The transaction that made an order's version.
    pub(crate) async fn transaction(&self, tenant: &str, order: &Order) -> u64 {
        let query = diesel::sql_query(
            "SELECT xid::text::bigint AS xid FROM order_history, jsonb_to_record($1::jsonb) AS key(tenant_id text, order_id uuid)
             WHERE order_history.tenant_id = key.tenant_id AND order_history.order_id = key.order_id
               AND version = $2",
        );
        let query = query.bind::<Text, _>(key(tenant, order).to_string()).bind::<BigInt, _>(order.version);
        let row: Transaction = query.get_result(&mut *self.0.lock().await).await.unwrap();
        row.xid.try_into().unwrap()
    }

    async fn insert(&self, table: &str, rows: &Value) {
        let statement =
            format!("INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)");
        self.run(&statement, rows).await;
    }

    async fn run(&self, statement: &str, json: &Value) {
        let query = diesel::sql_query(statement).bind::<Text, _>(json.to_string());
        query.execute(&mut *self.0.lock().await).await.unwrap();
    }
}

const DELETE: &str =
    "DELETE FROM orders USING jsonb_to_record($1::jsonb) AS key(tenant_id text, order_id uuid)
    WHERE orders.tenant_id = key.tenant_id AND orders.order_id = key.order_id";

const STORE_BASIC_VIEW: &str =
    "UPDATE orders SET basic_view = new.basic_view, basic_view_version = new.basic_view_version
    FROM jsonb_populate_record(NULL::orders, $1::jsonb) AS new
    WHERE orders.tenant_id = new.tenant_id AND orders.order_id = new.order_id";

const INSERT_HISTORY: &str = "INSERT INTO order_history (tenant_id, order_id, version, commit_time, actor_kind,
        actor_subject, request_id, request_hash, events, published_state)
    SELECT tenant_id, order_id, version, commit_time, actor_kind, actor_subject, request_id, request_hash, events,
        published_state
    FROM jsonb_populate_record(NULL::order_history, $1::jsonb)";

fn key(tenant: &str, order: &Order) -> Value {
    json!({ "tenant_id": tenant, "order_id": order.name.strip_prefix("orders/").unwrap() })
}

/// `key` with more columns.
fn row(tenant: &str, order: &Order, columns: Value) -> Value {
    let mut row = key(tenant, order);
    row.as_object_mut().unwrap().extend(columns.as_object().unwrap().clone());
    row
}

fn order_row(tenant: &str, order: &Order) -> Value {
    let totals = order.totals.clone().unwrap();
    let amount = |amount: &Option<Money>| amount.as_ref().map_or(0, minor_units);
    let (hold, reference) = (order.hold.as_ref(), order.external_reference.as_ref());
    row(
        tenant,
        order,
        json!({
            "version": order.version, "order_number": text(&order.order_number), "state": order.state,
            "payment_state": order.payment_state, "fulfillment_state": order.fulfillment_state,
            "hold_reason": hold.map(|hold| &hold.reason), "hold_time": hold.and_then(|hold| time(&hold.hold_time)),
            "channel": text(&order.channel), "customer_id": text(&order.customer_id),
            "external_source": reference.map(|reference| &reference.source),
            "external_id": reference.map(|reference| &reference.id),
            "tags": order.tags, "metadata": order.metadata, "currency": order.currency_code, "shipping_lines": [],
            "subtotal": amount(&totals.subtotal), "discount": amount(&totals.discount),
            "surcharge": amount(&totals.surcharge), "shipping": amount(&totals.shipping), "tax": amount(&totals.tax),
            "total": amount(&totals.total), "balance": amount(&order.balance),
            "line_count": order.lines.len(), "adjustment_count": 0, "payment_count": order.payments.len(),
            "shipment_count": order.shipments.len(), "last_line_id": order.lines.len(), "last_adjustment_id": 0,
            "create_time": time(&order.create_time), "update_time": time(&order.update_time),
            "place_time": time(&order.place_time), "confirm_time": time(&order.confirm_time),
            "complete_time": time(&order.complete_time), "cancel_time": time(&order.cancel_time),
        }),
    )
}

fn line_rows(tenant: &str, order: &Order) -> Value {
    let rows = order.lines.iter().map(|line| {
        row(tenant, order, json!({
            "line_id": line.line_id, "sku": line.sku, "title": line.title, "requires_shipping": true,
            "unit_price": line.unit_price.as_ref().map(minor_units), "tax_amount": 0, "ordered": line.quantity,
            "cancelled": 0, "in_shipment": 0, "shipped": 0, "delivered": 0,
        }))
    });
    rows.collect()
}

fn payment_rows(tenant: &str, order: &Order) -> Value {
    let rows = order.payments.iter().map(|payment| {
        row(
            tenant,
            order,
            json!({
                "payment_id": payment.payment_id, "provider": payment.provider,
                "provider_reference": payment.provider_reference, "method_label": payment.method_label,
            }),
        )
    });
    rows.collect()
}

fn transaction_rows(tenant: &str, order: &Order) -> Value {
    let all =
        order.payments.iter().flat_map(|payment| payment.transactions.iter().map(move |one| (payment, one)));
    let rows = all.map(|(payment, transaction)| {
        row(
            tenant,
            order,
            json!({
                "transaction_id": transaction.transaction_id, "payment_id": payment.payment_id,
                "kind": transaction.kind, "state": transaction.state,
                "amount": transaction.amount.as_ref().map(minor_units), "provider": payment.provider,
                "provider_reference": transaction.provider_reference, "exceeds_expected": false,
                "occur_time": time(&order.update_time), "create_time": time(&order.update_time),
                "update_time": time(&order.update_time),
            }),
        )
    });
    rows.collect()
}

fn shipment_rows(tenant: &str, order: &Order) -> Value {
    let rows = order.shipments.iter().map(|shipment| {
        row(tenant, order, json!({
            "shipment_id": shipment.shipment_id, "state": shipment.state, "items": [], "carrier": shipment.carrier,
            "tracking_number": shipment.tracking_number, "create_time": time(&order.update_time), "note": "",
        }))
    });
    rows.collect()
}

/// The first version is a request's, the others are nobody's.
fn history_row(tenant: &str, order: &Order, events: Vec<OrderEvent>, published: Option<Vec<u8>>) -> Value {
    let first = order.version == 1;
    let number = &order.name[order.name.len() - 12..];
    row(
        tenant,
        order,
        json!({
            "version": order.version, "commit_time": time(&order.update_time), "actor_kind": 1, "actor_subject": "ada",
            "request_id": first.then(|| format!("{}{number}", &REQUEST_ID[..24])),
            "request_hash": first.then_some("\\x00"),
            "events": bytea(&OrderHistoryEntry { events, ..OrderHistoryEntry::default() }.encode_to_vec()),
            "published_state": published.map(|bytes| bytea(&bytes)),
        }),
    )
}

fn minor_units(amount: &Money) -> i64 {
    match amount.currency_code.as_str() {
        "JPY" => amount.units,
        _ => amount.units * 100 + i64::from(amount.nanos) / 10_000_000,
    }
}

fn text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn time(time: &Option<Timestamp>) -> Option<String> {
    let time = time.as_ref()?;
    DateTime::from_timestamp(time.seconds, time.nanos.try_into().unwrap()).map(|time| time.to_rfc3339())
}

fn bytea(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}
